import type { Refusal } from './alter-config.ts';
import type { ConfigMap, Settings } from './settings.ts';

/** Of these the broker says how small and how large a group may choose them. */
const BOUNDED = [
  'consumer.heartbeat.interval.ms',
  'consumer.session.timeout.ms',
  'share.heartbeat.interval.ms',
  'share.session.timeout.ms',
  'share.record.lock.duration.ms',
  'streams.heartbeat.interval.ms',
  'streams.session.timeout.ms',
];

/** What is wrong with a group's configuration whose values are well formed. */
export function groupProblem(config: ConfigMap, settings: Settings): Refusal | undefined {
  const refuse = (message: string): Refusal => ({ error: 'INVALID_CONFIG', message });
  const value = (name: string) => settings.groupNumber(name, config);
  for (const name of BOUNDED) {
    const [kind, ...rest] = name.split('.');
    const bound = (side: string) => `group.${kind}.${side}.${rest.join('.')}`;
    if (value(name) < settings.number(bound('min')))
      return refuse(`${name} must be greater than or equal to ${bound('min')}`);
    if (value(name) > settings.number(bound('max')))
      return refuse(`${name} must be less than or equal to ${bound('max')}`);
  }
  const standby = 'group.streams.max.standby.replicas';
  if (value('streams.num.standby.replicas') > settings.number(standby))
    return refuse(`streams.num.standby.replicas must be less than or equal to ${standby}`);
  for (const kind of ['consumer', 'share', 'streams']) {
    const [session, heartbeat] = [`${kind}.session.timeout.ms`, `${kind}.heartbeat.interval.ms`];
    if (value(session) <= value(heartbeat)) return refuse(`${session} must be greater than ${heartbeat}`);
  }
  const reset = config['share.auto.offset.reset'];
  if (reset !== undefined && !isReset(reset))
    return refuse(
      `Invalid value ${reset} for configuration share.auto.offset.reset: Invalid value \`${reset}\` for configuration share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.`,
    );
  return undefined;
}

/** A duration as java.time.Duration reads it, without a sign. */
const DURATION = /^by_duration:P(?=[\dT])(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d{1,9})?S)?)?$/i;

function isReset(value: string): boolean {
  return value === 'earliest' || value === 'latest' || DURATION.test(value);
}
