import { byId, formatCount, make } from '../shared/dom.ts';
import { lagOf, type Overview, type Rates, recordCount, shownTopics } from './overview.ts';

/** The tables of queries and topics, written anew with each overview: they are short. */
export function paintLists(overview: Overview, rates: Rates, nowMs: number): void {
  byId('queries').replaceChildren(
    ...overview.queries.map((query) => {
      const name = make(
        'td',
        '',
        make('b', '', query.sink ?? query.id),
        make('small', 'muted', query.sources.join(', ')),
      );
      name.title = `${query.id}\n${query.sql}`;
      const state = make(
        'span',
        query.state === 'RUNNING' ? 'badge good' : 'badge bad',
        query.state.toLowerCase(),
      );
      const errors =
        query.errors > 0 ? [make('span', 'badge bad', `${formatCount(query.errors)} errors`)] : [];
      return make(
        'tr',
        '',
        name,
        make('td', '', state, ...errors),
        make('td', 'number', formatCount(query.consumed)),
        make('td', 'number', formatCount(query.produced)),
        make('td', 'number', formatCount(lagOf(query.positions, overview.topics))),
      );
    }),
  );
  byId('topics').replaceChildren(
    ...shownTopics(overview).map((topic) =>
      make(
        'tr',
        '',
        make('td', 'topic', make('b', '', topic.name)),
        make('td', 'number', String(topic.partitions.length)),
        make('td', 'number', formatCount(recordCount(topic))),
        make('td', 'number', formatCount(Math.round(rates.perSecond(topic.name, nowMs)))),
      ),
    ),
  );
}
