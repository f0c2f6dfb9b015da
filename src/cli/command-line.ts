/** How somebody who has this program types its command: in a clone it is no program of its own. */
export const COMMAND = import.meta.url.endsWith('.ts') ? 'npm run --silent millrace --' : 'npx millrace';
