import { fileURLToPath } from 'node:url';

import ts from 'typescript';

/** The fields of every uploader event, as the type checker sees them: `name`, or `name?` where it may be missing. */
export function eventPayloads(): Map<string, readonly string[]> {
  const file = fileURLToPath(new URL('../src/events.ts', import.meta.url));
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    allowImportingTsExtensions: true,
    noLib: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const events = declarationOf(program.getSourceFile(file), 'UploaderEvents');
  return new Map(
    checker
      .getPropertiesOfType(checker.getTypeAtLocation(events))
      .map((event) => [event.name, fieldsOf(checker, checker.getTypeOfSymbol(event))]),
  );
}

function declarationOf(source: ts.SourceFile | undefined, name: string): ts.InterfaceDeclaration {
  const found = source?.statements.find(
    (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === name,
  );
  if (found === undefined || !ts.isInterfaceDeclaration(found)) throw new Error(`there is no ${name}`);
  return found;
}

function fieldsOf(checker: ts.TypeChecker, type: ts.Type): readonly string[] {
  return checker
    .getPropertiesOfType(type)
    .map(({ name, flags }) => ((flags & ts.SymbolFlags.Optional) === 0 ? name : `${name}?`));
}
