// Events of each player in each minute: state that grows with time.
import { streamBench } from './support/stream-bench.ts';

export const window = streamBench('window');
