"""What aiokafka sees of a broker.  aiokafka_client.py HOST:PORT"""
import asyncio
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic

bootstrap = sys.argv[1]
TOPIC = "aiokafka"
partition = TopicPartition(TOPIC, 0)


async def show(name, run):
    try:
        print(f"{name}: {await asyncio.wait_for(run, 30)}", flush=True)
    except Exception as error:  # what a client raises is what it saw
        print(f"{name}: {type(error).__name__}", flush=True)


async def create(admin):
    answer = await admin.create_topics([NewTopic(TOPIC, 2, 1, topic_configs={"retention.ms": "60000"})])
    return [topic[:2] for topic in answer.topic_errors]


async def grow(admin):
    answer = await admin.create_partitions({TOPIC: NewPartitions(3)})
    return [topic[:2] for topic in answer.topic_errors]


async def produce(codec):
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", compression_type=codec, enable_idempotence=True) as producer:
        for n in range(50):
            last = await producer.send_and_wait(TOPIC, f"{codec} {n}".encode(), key=b"k", headers=[("h", b"x")], partition=0)
        return (last.partition, last.offset)


def consumer(*topics, **settings):
    return AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False, **settings)


async def seek():
    async with consumer() as reader:
        reader.assign([partition])
        reader.seek(partition, 7)
        records = [await reader.getone() for _ in range(3)]
        starts = (await reader.beginning_offsets([partition]))[partition]
        ends = (await reader.end_offsets([partition]))[partition]
        times = (await reader.offsets_for_times({partition: 1}))[partition].offset
        return ([(r.offset, r.value.decode(), r.key.decode(), r.headers) for r in records], starts, ends, times)


async def group():
    async with consumer(TOPIC, group_id="aiokafka-group") as reader:
        values = [(await reader.getone()).value for _ in range(250)]
        await reader.commit()
        return (len(values), await reader.committed(partition), sorted(str(p) for p in reader.assignment()))


async def transactions():
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id="aiokafka-tx") as producer:
        for n, end in enumerate([producer.commit_transaction, producer.abort_transaction, producer.commit_transaction]):
            await producer.begin_transaction()
            await producer.send_and_wait("aiokafka-tx", f"t{n}".encode(), partition=0)
            await end()
        await producer.begin_transaction()
        await producer.send_offsets_to_transaction({partition: 5}, "aiokafka-group")
        await producer.commit_transaction()
    async with consumer("aiokafka-tx", isolation_level="read_committed") as reader:
        values = [(await reader.getone()).value.decode() for _ in range(2)]
    async with consumer(group_id="aiokafka-group") as reader:
        reader.assign([partition])
        return (values, await reader.committed(partition))


async def remove(admin):
    answer = await admin.delete_topics([TOPIC, "aiokafka-tx"])
    return sorted(topic[:2] for topic in answer.topic_error_codes)


async def offsets(admin):
    committed = await admin.list_consumer_group_offsets("aiokafka-group")
    return sorted((p.partition, found.offset, found.metadata) for p, found in committed.items())


async def main():
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="aiokafka")
    await admin.start()
    await show("create", create(admin))
    await show("create again", create(admin))
    await show("grow", grow(admin))
    for kind in (None, "gzip", "snappy", "lz4", "zstd"):
        await show(f"produce {kind}", produce(kind))
    await show("seek", seek())
    await show("group", group())
    await show("transactions", transactions())
    await show("groups", offsets(admin))
    await show("delete", remove(admin))
    await admin.close()


asyncio.run(main())
