"""What confluent-kafka, and librdkafka below it, sees of a broker.  confluent_client.py HOST:PORT"""
import itertools
import sys
import time

from confluent_kafka import Consumer, ConsumerGroupState, IsolationLevel, Producer, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AclBindingFilter, AclOperation, AclPermissionType, AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource,
    NewPartitions, NewTopic, OffsetSpec, ResourcePatternType, ResourceType,
)

from seen import show

bootstrap = sys.argv[1]
admin = AdminClient({"bootstrap.servers": bootstrap})
TOPIC = "confluent"


def only(futures, timeout=20):
    """The result of the one thing that was asked for."""
    (future,) = futures.values()
    return future.result(timeout)


def config(name, value, operation):
    entry = ConfigEntry(name, value, incremental_operation=operation)
    return only(admin.incremental_alter_configs([ConfigResource(ConfigResource.Type.TOPIC, TOPIC, incremental_configs=[entry])]))


def changed_configs():
    until = time.time() + 20
    while True:
        entries = only(admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, TOPIC)]))
        changed = sorted(f"{name}={entry.value}" for name, entry in entries.items() if not entry.is_default)
        # Kafka's broker hears of a change a moment after its controller.
        if len(changed) == 2 or time.time() > until:
            return (len(entries) > 30, changed)
        time.sleep(0.1)


times = itertools.count(int(time.time() * 1000))  # each record has its own, so that one of them is the latest


def produce(codec):
    errors, offsets = [], []
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "compression.type": codec})
    for n in range(50):
        producer.produce(TOPIC, f"{codec} {n}", "k", 0, headers=[("h", b"x")], timestamp=next(times),
                         on_delivery=lambda error, message: (errors if error else offsets).append(error or message.offset()))
    producer.flush(20)
    return (errors, offsets[0], offsets[-1])


def consumer(**settings):
    plain = {name.replace("_", "."): value for name, value in settings.items()}
    return Consumer({"bootstrap.servers": bootstrap, "auto.offset.reset": "earliest", "enable.auto.commit": False,
                     "group.id": "confluent-reader", **plain})


def take(reader, count):
    values, until = [], time.time() + 20
    while len(values) < count and time.time() < until:
        message = reader.poll(0.5)
        if message is None:
            continue
        if message.error():
            return message.error().name()
        values.append(message)
    return values


def seek():
    reader = consumer()
    reader.assign([TopicPartition(TOPIC, 0, 7)])
    seen = [(m.offset(), m.value(), m.key(), m.headers()) for m in take(reader, 3)]
    marks = reader.get_watermark_offsets(TopicPartition(TOPIC, 0), 10)
    times = [found.offset for found in reader.offsets_for_times([TopicPartition(TOPIC, 0, when) for when in (1, 4102444800000)][:1])]
    reader.close()
    return (seen, marks, times)


def group(protocol):
    name = f"confluent-{protocol}"
    reader = consumer(group_id=name, group_protocol=protocol)
    reader.subscribe([TOPIC])
    count = len(take(reader, 250))
    reader.commit(asynchronous=False)
    committed = [p.offset for p in reader.committed([TopicPartition(TOPIC, 0), TopicPartition(TOPIC, 1)], 10)]
    described = only(admin.describe_consumer_groups([name]))
    state = (described.state.name, described.is_simple_consumer_group, len(described.members),
             sorted(str(p) for p in described.members[0].assignment.topic_partitions))
    reader.close()
    return (count, committed, described.partition_assignor, state)


def transactions():
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": "confluent-tx"})
    producer.init_transactions(20)
    for n, end in enumerate([producer.commit_transaction, producer.abort_transaction, producer.commit_transaction]):
        producer.begin_transaction()
        producer.produce(TOPIC, f"t{n}", "k", 1)
        end(20)
    reader = consumer(isolation_level="read_committed")
    reader.assign([TopicPartition(TOPIC, 1, 0)])
    values = [message.value() for message in take(reader, 2)]
    reader.close()
    return values


def listed_offsets():
    specs = [OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.max_timestamp(), OffsetSpec.for_timestamp(1)]
    found = [only(admin.list_offsets({TopicPartition(TOPIC, 0): spec}, isolation_level=IsolationLevel.READ_COMMITTED)) for spec in specs]
    return [answer.offset for answer in found]


def acls():
    any_acl = AclBindingFilter(ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY)
    return admin.describe_acls(any_acl).result(20)


def cluster():
    described = admin.describe_cluster().result(20)
    return (len(described.nodes), described.controller.id)


show("create", lambda: only(admin.create_topics([NewTopic(TOPIC, 2, 1)])))
show("create again", lambda: only(admin.create_topics([NewTopic(TOPIC, 2, 1)])))
show("grow", lambda: only(admin.create_partitions([NewPartitions(TOPIC, 3)])))
show("shrink", lambda: only(admin.create_partitions([NewPartitions(TOPIC, 1)])))
show("set config", lambda: config("retention.ms", "60000", AlterConfigOpType.SET))
show("append config", lambda: config("cleanup.policy", "compact", AlterConfigOpType.APPEND))
show("wrong config", lambda: config("retention.ms", "soon", AlterConfigOpType.SET))
show("configs", changed_configs)
for kind in ("none", "gzip", "snappy", "lz4", "zstd"):
    show(f"produce {kind}", lambda kind=kind: produce(kind))
show("seek", seek)
show("group classic", lambda: group("classic"))
show("group consumer", lambda: group("consumer"))
show("groups", lambda: sorted((g.group_id, g.state.name, g.type.name) for g in admin.list_consumer_groups().result(20).valid
                              if g.group_id.startswith("confluent-") and g.state == ConsumerGroupState.EMPTY))
show("transactions", transactions)
show("list offsets", listed_offsets)
show("describe", lambda: len(only(admin.describe_topics(TopicCollection([TOPIC]))).partitions))
show("acls", acls)
show("cluster", cluster)
show("delete groups", lambda: [f.result(20) for f in admin.delete_consumer_groups(["confluent-classic", "confluent-consumer"]).values()])
show("delete group again", lambda: only(admin.delete_consumer_groups(["confluent-classic"])))
show("delete records", lambda: only(admin.delete_records([TopicPartition(TOPIC, 0, 10)])).low_watermark)
show("delete", lambda: only(admin.delete_topics([TOPIC])))
show("delete again", lambda: only(admin.delete_topics(["confluent-none"])))
