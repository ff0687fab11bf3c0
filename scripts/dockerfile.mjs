/**
 * Reads a Dockerfile as far as ours go: its stages, each with its base, its steps in order, and what its image is run
 * with.
 */
export function readDockerfile(text) {
  const stages = [];
  const args = {};
  for (const line of instructions(text)) {
    const [, instruction, rest] = /^([A-Z]+)\s+(.*)$/s.exec(line);
    const value = rest.replace(/\$\{(\w+)\}/g, (_, name) => args[name] ?? '');
    if (instruction === 'ARG' && stages.length === 0) args[value.split('=')[0]] = value.split('=')[1];
    else if (instruction === 'FROM') stages.push({ base: value.split(' ')[0], steps: [], env: {} });
    else addStep(stages.at(-1), instruction, value);
  }
  return { stages };
}

/** Without comments, and with what a backslash continues. */
function instructions(text) {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line));
  return lines.join('\n').replace(/\\\n/g, ' ').split('\n');
}

function addStep(stage, instruction, args) {
  stage.steps.push({ instruction, args });
  if (instruction === 'WORKDIR') stage.workdir = args;
  if (instruction === 'USER') stage.user = args;
  if (instruction === 'ENTRYPOINT') stage.entrypoint = JSON.parse(args);
  if (instruction === 'HEALTHCHECK') stage.healthcheck = JSON.parse(/CMD (\[.*\])/.exec(args)[1]);
  if (instruction === 'ENV') Object.assign(stage.env, variables(args));
}

function variables(args) {
  return Object.fromEntries(args.split(/\s+/).map((each) => /^(\w+)=(.*)$/.exec(each).slice(1)));
}
