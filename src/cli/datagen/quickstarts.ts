import type { Properties } from './scalar-makers.ts';

/** Data that tutorials begin with: where it goes, what it is known by, and the schema it is made from. */
export interface Quickstart {
  readonly topic: string;
  readonly key: string;
  readonly schema: object;
}

const field = (name: string, type: unknown, properties?: Properties) => ({
  name,
  type: properties ? { ...(typeof type === 'object' ? type : { type }), 'arg.properties': properties } : type,
});

const record = (name: string, fields: readonly object[], properties?: Properties) => ({
  type: 'record',
  name,
  namespace: 'millrace.datagen',
  fields,
  ...(properties && { 'arg.properties': properties }),
});

const text = (name: string, regex: string) => field(name, 'string', { regex });
const oneOf = (name: string, options: readonly unknown[], type = 'string') => field(name, type, { options });
const counted = (name: string, type: 'int' | 'long', start: number, step = 1) =>
  field(name, type, { iteration: { start, step } });
const between = (name: string, type: 'int' | 'long' | 'double', min: number, max: number) =>
  field(name, type, { range: { min, max } });
/** Milliseconds of 2024. */
const during2024 = (name: string) => between(name, 'long', 1_704_067_200_000, 1_735_689_600_000);

const CITIES = ['Bergen', 'Bremen', 'Dublin', 'Genoa', 'Lyon', 'Malmo', 'Porto', 'Turku'];
const FIRST_NAMES = ['Ada', 'Bela', 'Carl', 'Dora', 'Emil', 'Frida', 'Gus', 'Hanna', 'Ivo', 'Julia'];
const LAST_NAMES = ['Abel', 'Brandt', 'Castro', 'Duval', 'Eriksen', 'Farkas', 'Gruber', 'Hansen'];
const LOGINS = ['ada_1', 'bela77', 'carl_the_third', 'dora', 'emil_x', 'frida9', 'gus2000', 'hanna_h'];
const ADDRESSES = ['10.11.0.17', '10.11.4.203', '10.12.8.9', '10.30.1.44', '10.31.77.2', '10.40.5.150'];
const CONTACTS = [
  { phone: '555-0101', city: 'Lyon', state: 'RA', zipcode: '69001' },
  { phone: '555-0102', city: 'Porto', state: 'NO', zipcode: '40120' },
  { phone: '555-0103', city: 'Turku', state: 'VS', zipcode: '20100' },
];
const STATUSES = [
  { code: 200, definition: 'Successful' },
  { code: 302, definition: 'Redirect' },
  { code: 404, definition: 'Page not found' },
  { code: 405, definition: 'Method not allowed' },
  { code: 406, definition: 'Not acceptable' },
  { code: 407, definition: 'Proxy authentication required' },
];

const userFields = [
  during2024('registertime'),
  text('userid', 'User_[1-9]'),
  text('regionid', 'Region_[1-9]'),
  oneOf('gender', ['MALE', 'FEMALE', 'OTHER']),
];

const address = record('address', [
  text('city', 'City_[1-9][0-9]?'),
  text('state', 'State_[1-9][0-9]?'),
  between('zipcode', 'long', 10_000, 100_000),
]);

/** By the names that ksql-datagen and the data generator of Kafka Connect know them under. */
export const QUICKSTARTS: Readonly<Record<string, Quickstart>> = {
  clickstream: {
    topic: 'clickstream',
    key: 'ip',
    schema: record('clickstream', [
      oneOf('ip', ADDRESSES),
      between('userid', 'int', 1, 40),
      field('remote_user', 'string', { options: ['-'] }),
      text('time', '[0-2][1-9]/Jun/2024:1[0-9]:[0-5][0-9]:[0-5][0-9] \\+0000'),
      counted('_time', 'long', 1_718_000_000_000, 10),
      oneOf('request', [
        'GET /index.html HTTP/1.1',
        'GET /site/login.html HTTP/1.1',
        'GET /site/user_status.html HTTP/1.1',
        'GET /images/track.png HTTP/1.1',
      ]),
      oneOf(
        'status',
        STATUSES.map(({ code }) => code),
        'int',
      ),
      oneOf('bytes', [278, 1289, 2048, 4006, 4096, 14096], 'long'),
      field('referrer', 'string', { options: ['-'] }),
      oneOf('agent', ['Mozilla/5.0 (X11; Linux x86_64)', 'Mozilla/5.0 (compatible; bot)', 'curl/8.5.0']),
    ]),
  },
  clickstream_codes: {
    topic: 'clickstream_codes',
    key: 'code',
    schema: record('clickstream_codes', [field('code', 'int'), field('definition', 'string')], {
      options: STATUSES,
    }),
  },
  clickstream_users: {
    topic: 'webusers',
    key: 'user_id',
    schema: record('webusers', [
      field('user_id', 'int', { iteration: { start: 1, restart: 40 } }),
      during2024('registered_at'),
      oneOf('username', LOGINS),
      oneOf('first_name', FIRST_NAMES),
      oneOf('last_name', LAST_NAMES),
      oneOf('city', CITIES),
      oneOf('level', ['Gold', 'Silver', 'Platinum']),
    ]),
  },
  orders: {
    topic: 'orders_kafka_topic',
    key: 'orderid',
    schema: record('orders', [
      during2024('ordertime'),
      counted('orderid', 'int', 0),
      text('itemid', 'Item_[1-9][0-9]{0,2}'),
      between('orderunits', 'double', 0.1, 10),
      field('address', address),
    ]),
  },
  ratings: {
    topic: 'ratings',
    key: 'rating_id',
    schema: record('ratings', [
      counted('rating_id', 'long', 1),
      between('user_id', 'int', 0, 20),
      between('stars', 'int', 1, 5),
      between('route_id', 'int', 1, 10_000),
      counted('rating_time', 'long', 1_718_000_000_000, 12),
      oneOf('channel', ['ios', 'android', 'web', 'ios-test']),
      oneOf('message', ['on time, and a window seat', 'the queue was too long', 'would fly again', 'meh']),
    ]),
  },
  users: { topic: 'users_kafka_topic', key: 'userid', schema: record('users', userFields) },
  users_: {
    topic: 'users_kafka_topic_array_map',
    key: 'userid',
    schema: record('users_', [
      ...userFields,
      field('interests', {
        type: 'array',
        items: {
          type: 'string',
          'arg.properties': { options: ['Game', 'Movies', 'News', 'Sport', 'Travel'] },
        },
        'arg.properties': { length: 2 },
      }),
      field('contactinfo', { type: 'map', values: 'string' }, { options: CONTACTS }),
    ]),
  },
  pageviews: {
    topic: 'pageviews_kafka_topic',
    key: 'viewtime',
    schema: record('pageviews', [
      counted('viewtime', 'long', 1, 10),
      text('userid', 'User_[1-9]'),
      text('pageid', 'Page_[1-9][0-9]?'),
    ]),
  },
  stores: {
    topic: 'stores',
    key: 'store_id',
    schema: record('stores', [
      field('store_id', 'int', { iteration: { start: 1, restart: 8 } }),
      oneOf('city', CITIES),
      text('state', '[A-Z]{2}'),
    ]),
  },
  product: {
    topic: 'product',
    key: 'id',
    schema: record('product', [
      counted('id', 'long', 1),
      text('name', '(Small|Large) (Lamp|Chair|Table|Shelf)'),
      text('description', '(Oak|Pine|Steel), (new|used)'),
      between('price', 'double', 1, 200),
    ]),
  },
  purchase: {
    topic: 'purchase',
    key: 'id',
    schema: record('purchase', [
      counted('id', 'long', 0),
      oneOf('item_type', ['apple', 'banana', 'carrot', 'olive', 'pear']),
      between('quantity', 'long', 1, 10),
      between('price_per_unit', 'double', 0.5, 20),
    ]),
  },
  inventory: {
    topic: 'inventory',
    key: 'id',
    schema: record('inventory', [
      counted('id', 'long', 0),
      between('quantity', 'int', 1, 100),
      between('productid', 'int', 0, 100),
    ]),
  },
  transactions: {
    topic: 'transactions',
    key: 'transaction_id',
    schema: record('transactions', [
      counted('transaction_id', 'long', 1),
      between('card_id', 'long', 1, 25),
      text('user_id', 'User_[1-9]?'),
      counted('purchase_id', 'long', 0),
      between('store_id', 'int', 1, 8),
    ]),
  },
  credit_cards: {
    topic: 'credit_cards',
    key: 'card_id',
    schema: record('credit_cards', [
      counted('card_id', 'long', 1),
      text('card_number', '[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{4}'),
      text('cvv', '[0-9]{3}'),
      text('expiration_date', '(0[1-9]|1[0-2])/2[6-9]'),
    ]),
  },
  stock_trades: {
    topic: 'stock_trades',
    key: 'symbol',
    schema: record('stock_trades', [
      oneOf('side', ['BUY', 'SELL']),
      between('quantity', 'int', 1, 5_000),
      text('symbol', 'Z[A-Z]ZZT'),
      between('price', 'int', 5, 1_000),
      text('account', '(ABC|LMN|XYZ)[0-9]{3}'),
      text('userid', 'User_[1-9]'),
    ]),
  },
};
