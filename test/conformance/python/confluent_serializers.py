"""Serializers of confluent-kafka against a schema registry: `write` or `read BOOTSTRAP REGISTRY`; prints what it saw as JSON."""
import json
import sys

from confluent_kafka import Consumer, Producer
from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

mode, bootstrap, url = sys.argv[1:4]
registry = SchemaRegistryClient({"url": url})

PLAY = json.dumps({"type": "record", "name": "Play", "namespace": "game", "fields": [
    {"name": "player", "type": "string"}, {"name": "score", "type": "long"}, {"name": "level", "type": ["null", "int"], "default": None}]})
PLAY_JSON = json.dumps({"title": "Play", "type": "object", "additionalProperties": False, "required": ["player"],
    "properties": {"player": {"type": "string"}, "score": {"type": "integer"}}})
VALUE = {"player": "ada", "score": 4503599627370497, "level": 3}


def play_class():
    """What protoc would have made of play.proto."""
    file = descriptor_pb2.FileDescriptorProto(name="play.proto", package="game", syntax="proto3")
    message = file.message_type.add(name="Play")
    for number, (name, kind) in enumerate([("player", 9), ("score", 3)], 1):
        message.field.add(name=name, number=number, type=kind, label=1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("game.Play"))


Play = play_class()


def write():
    producer = Producer({"bootstrap.servers": bootstrap})
    serializers = {
        "plays-avro": (AvroSerializer(registry, PLAY), VALUE),
        "plays-json": (JSONSerializer(PLAY_JSON, registry), {"player": "ada", "score": 7}),
        "plays-proto": (ProtobufSerializer(Play, registry, {"use.deprecated.format": False}), Play(player="ada", score=7)),
    }
    for topic, (serializer, value) in serializers.items():
        producer.produce(topic, serializer(value, SerializationContext(topic, MessageField.VALUE)))
    producer.flush(20)


def administer():
    seen = {"subjects": sorted(registry.get_subjects())}
    latest = registry.get_latest_version("plays-avro-value")
    seen["latest"] = [latest.version, latest.schema.schema_str == PLAY.replace(": ", ":").replace(", ", ",")]
    seen["again"] = registry.register_schema("plays-avro-value", Schema(PLAY, "AVRO")) == latest.schema_id
    seen["found"] = registry.lookup_schema("plays-avro-value", Schema(PLAY, "AVRO")).version
    seen["compatible"] = registry.test_compatibility("plays-avro-value", Schema('"string"', "AVRO"))
    try:
        registry.register_schema("plays-avro-value", Schema('"string"', "AVRO"))
    except SchemaRegistryError as error:
        seen["refused"] = [error.http_status_code, error.error_code]
    registry.set_compatibility("plays-json-value", "FULL")
    seen["level"] = registry.get_compatibility("plays-json-value")
    registry.register_schema("team-value", Schema(
        '{"type":"record","name":"Team","fields":[{"name":"best","type":"game.Play"}]}', "AVRO",
        [SchemaReference("game.Play", "plays-avro-value", 1)]))
    seen["references"] = [r.subject for r in registry.get_latest_version("team-value").schema.references]
    try:
        registry.delete_version("plays-avro-value", 1)
    except SchemaRegistryError as error:
        seen["referenced"] = error.error_code
    registry.delete_subject("team-value")
    registry.delete_subject("team-value", permanent=True)
    seen["left"] = sorted(registry.get_subjects())
    return seen


def read():
    deserializers = {
        "plays-avro": AvroDeserializer(registry),
        "plays-json": JSONDeserializer(None, schema_registry_client=registry),
        "plays-proto": ProtobufDeserializer(Play, {"use.deprecated.format": False}, registry),
    }
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "serializers", "auto.offset.reset": "earliest"})
    consumer.subscribe(list(deserializers))
    seen = {topic: [] for topic in deserializers}
    while sum(map(len, seen.values())) < 6:
        message = consumer.poll(10)
        if message is None:
            break
        if message.error():
            raise RuntimeError(message.error())
        topic = message.topic()
        value = deserializers[topic](message.value(), SerializationContext(topic, MessageField.VALUE))
        seen[topic].append(value if isinstance(value, dict) else {"player": value.player, "score": value.score})
    consumer.close()
    return seen


if mode == "write":
    write()
    print(json.dumps(administer()))
else:
    print(json.dumps(read()))
