import ts from 'typescript';

const levels = ['debug', 'info', 'warn', 'error'];
/** What makes an error fit for a log. */
const redacting = ['redactError', 'faultFacts'];

/** Where one TypeScript file hands a logger an error as it was thrown, or facts that can not be looked into. */
export function rawErrorsLogged(file: string, source: string): string[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ESNext, true);
  const thrown = new Set(nodesOf(tree).filter(isThrown).map(nameOf));
  return nodesOf(tree)
    .filter(isLogCall)
    .filter(({ arguments: [facts] }) => facts === undefined || !isFit(facts, thrown))
    .map((call) => `${file}:${tree.getLineAndCharacterOfPosition(call.getStart()).line + 1}`);
}

/** How often one file hands something to a logger. */
export function logCallsIn(source: string): number {
  return nodesOf(ts.createSourceFile('', source, ts.ScriptTarget.ESNext, true)).filter(isLogCall).length;
}

function isFit(facts: ts.Expression, thrown: ReadonlySet<string>): boolean {
  if (isRedacted(facts)) return true;
  if (!ts.isObjectLiteralExpression(facts)) return false;
  const named = facts.properties.filter(({ name }) => /^(err|error|cause)$/.test(name?.getText() ?? ''));
  if (!named.every((property) => ts.isPropertyAssignment(property) && isRedacted(property.initializer)))
    return false;
  return !nodesOf(facts, isRedacted).some((node) => ts.isIdentifier(node) && thrown.has(node.text));
}

function isRedacted(node: ts.Node): boolean {
  return ts.isCallExpression(node) && redacting.includes(node.expression.getText());
}

/** `logger.warn(…)`, `this.#logger.warn(…)` and `options.logger[level](…)`. */
function isLogCall(node: ts.Node): node is ts.CallExpression {
  if (!ts.isCallExpression(node)) return false;
  const { expression } = node;
  if (ts.isElementAccessExpression(expression)) return isLogger(expression.expression);
  if (!ts.isPropertyAccessExpression(expression)) return false;
  return levels.includes(expression.name.text) && isLogger(expression.expression);
}

function isLogger(node: ts.Node): boolean {
  return /(^|[.#])logger$/i.test(node.getText());
}

type Named = ts.VariableDeclaration | ts.ParameterDeclaration | ts.BindingElement;

/** What a catch clause catches, and what is declared to be an error, or to be anything. */
function isThrown(node: ts.Node): node is Named {
  if (ts.isVariableDeclaration(node) && ts.isCatchClause(node.parent)) return true;
  if (ts.isBindingElement(node)) return /^(error|cause)$/.test(node.name.getText());
  if (!ts.isParameter(node) && !ts.isVariableDeclaration(node)) return false;
  return /(^unknown|Error)$/.test(node.type?.getText() ?? '');
}

function nameOf({ name }: Named): string {
  return name.getText();
}

/** A node and all below it, without what is below one that is left out. */
function nodesOf(node: ts.Node, isLeftOut: (node: ts.Node) => boolean = () => false): readonly ts.Node[] {
  if (isLeftOut(node)) return [];
  const below: ts.Node[] = [];
  ts.forEachChild(node, (child) => void below.push(...nodesOf(child, isLeftOut)));
  return [node, ...below];
}
