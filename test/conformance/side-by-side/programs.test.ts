import { runSuite } from './run-suite.ts';
import { SUITES } from './suites.ts';

runSuite(SUITES.programs);
