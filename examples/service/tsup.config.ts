import { programBuild } from '../../tsup.base.ts';

export default programBuild(['src/main.ts', 'src/healthcheck.ts']);
