package main

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/IBM/sarama"
)

func saramaConfig() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.ClientID = "sarama"
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Group.Rebalance.Timeout = 10 * time.Second
	return config
}

func saramaClient(broker string) {
	brokers := []string{broker}
	admin, err := sarama.NewClusterAdmin(brokers, saramaConfig())
	if err != nil {
		fmt.Println("connect:", err)
		return
	}
	defer admin.Close()
	saramaTopics(admin)
	saramaRecords(brokers)
	saramaTransactions(brokers)
	saramaGroup(brokers, admin)
	saramaCluster(admin)
}

func saramaTopics(admin sarama.ClusterAdmin) {
	detail := &sarama.TopicDetail{NumPartitions: 2, ReplicationFactor: 1,
		ConfigEntries: map[string]*string{"retention.ms": text("60000")}}
	show("create", func(context.Context) (any, error) { return "created", admin.CreateTopic("sarama", detail, false) })
	show("create again", func(context.Context) (any, error) { return "created", admin.CreateTopic("sarama", detail, false) })
	show("create nothing", func(context.Context) (any, error) {
		return "valid", admin.CreateTopic("sarama-dry", detail, true)
	})
	show("grow", func(context.Context) (any, error) {
		return "grown", admin.CreatePartitions("sarama", 3, nil, false)
	})
	show("shrink", func(context.Context) (any, error) {
		return "shrunk", admin.CreatePartitions("sarama", 1, nil, false)
	})
	show("alter config", func(context.Context) (any, error) {
		return "altered", admin.IncrementalAlterConfig(sarama.TopicResource, "sarama",
			map[string]sarama.IncrementalAlterConfigsEntry{
				"flush.ms": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: text("1000")},
			}, false)
	})
	show("describe config", func(context.Context) (any, error) {
		entries, err := admin.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: "sarama"})
		var changed []string
		for _, entry := range entries {
			if !entry.Default {
				changed = append(changed, entry.Name+"="+entry.Value)
			}
		}
		sort.Strings(changed)
		return fmt.Sprint(len(entries) > 30, changed), err
	})
	show("describe", func(context.Context) (any, error) {
		time.Sleep(200 * time.Millisecond)
		topics, err := admin.DescribeTopics([]string{"sarama", "sarama-none"})
		if err != nil {
			return nil, err
		}
		return fmt.Sprint(len(topics[0].Partitions), topics[0].Err, topics[1].Err), nil
	})
}

func saramaRecords(brokers []string) {
	codecs := []sarama.CompressionCodec{sarama.CompressionNone, sarama.CompressionGZIP, sarama.CompressionSnappy,
		sarama.CompressionLZ4, sarama.CompressionZSTD}
	for _, codec := range codecs {
		show("produce "+codec.String(), func(context.Context) (any, error) {
			config := saramaConfig()
			config.Producer.Compression = codec
			config.Producer.Idempotent = true
			config.Net.MaxOpenRequests = 1
			config.Producer.Partitioner = sarama.NewManualPartitioner
			producer, err := sarama.NewSyncProducer(brokers, config)
			if err != nil {
				return nil, err
			}
			defer producer.Close()
			var messages []*sarama.ProducerMessage
			for n := range 20 {
				messages = append(messages, &sarama.ProducerMessage{Topic: "sarama", Partition: 0, Key: sarama.StringEncoder("k"),
					Value: sarama.StringEncoder(fmt.Sprint(codec, n)), Headers: []sarama.RecordHeader{{Key: []byte("h"), Value: []byte("x")}}})
			}
			err = producer.SendMessages(messages)
			return messages[19].Offset, err
		})
	}
	show("consume a partition", func(ctx context.Context) (any, error) {
		consumer, err := sarama.NewConsumer(brokers, saramaConfig())
		if err != nil {
			return nil, err
		}
		defer consumer.Close()
		partition, err := consumer.ConsumePartition("sarama", 0, sarama.OffsetOldest)
		if err != nil {
			return nil, err
		}
		defer partition.Close()
		var last *sarama.ConsumerMessage
		for range 100 {
			select {
			case last = <-partition.Messages():
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		return fmt.Sprint(last.Offset, " ", string(last.Value), " ", len(last.Headers), " ", partition.HighWaterMarkOffset()), nil
	})
}

func saramaTransactions(brokers []string) {
	show("transactions", func(context.Context) (any, error) {
		config := saramaConfig()
		config.Producer.Idempotent = true
		config.Net.MaxOpenRequests = 1
		config.Producer.Transaction.ID = "sarama-tx"
		producer, err := sarama.NewSyncProducer(brokers, config)
		if err != nil {
			return nil, err
		}
		defer producer.Close()
		for n, end := range []func() error{producer.CommitTxn, producer.AbortTxn, producer.CommitTxn} {
			if err := producer.BeginTxn(); err != nil {
				return nil, err
			}
			message := &sarama.ProducerMessage{Topic: "sarama-tx", Value: sarama.StringEncoder(fmt.Sprint("t", n))}
			if _, _, err := producer.SendMessage(message); err != nil {
				return nil, err
			}
			if err := end(); err != nil {
				return nil, err
			}
		}
		return producer.TxnStatus(), nil
	})
}

type saramaHandler struct {
	seen chan string
	want int
}

func (saramaHandler) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (saramaHandler) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (handler saramaHandler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, open := <-claim.Messages():
			if !open {
				return nil
			}
			session.MarkMessage(message, "marked")
			handler.seen <- string(message.Value)
		case <-session.Context().Done():
			return nil
		}
	}
}

func saramaGroup(brokers []string, admin sarama.ClusterAdmin) {
	show("group", func(ctx context.Context) (any, error) {
		group, err := sarama.NewConsumerGroup(brokers, "sarama-group", saramaConfig())
		if err != nil {
			return nil, err
		}
		handler := saramaHandler{seen: make(chan string, 200)}
		consuming, cancel := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- group.Consume(consuming, []string{"sarama"}, handler) }()
		for range 100 {
			select {
			case <-handler.seen:
			case <-ctx.Done():
				cancel()
				return nil, ctx.Err()
			}
		}
		described, err := admin.DescribeConsumerGroups([]string{"sarama-group"})
		cancel()
		<-ended
		if closing := group.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return nil, err
		}
		return fmt.Sprint(described[0].State, " ", described[0].Protocol, " ", len(described[0].Members)), nil
	})
	show("group offsets", func(context.Context) (any, error) {
		offsets, err := admin.ListConsumerGroupOffsets("sarama-group", map[string][]int32{"sarama": {0, 1}})
		if err != nil {
			return nil, err
		}
		return fmt.Sprint(offsets.GetBlock("sarama", 0).Offset, offsets.GetBlock("sarama", 0).Metadata,
			offsets.GetBlock("sarama", 1).Offset), nil
	})
	show("delete group offset", func(context.Context) (any, error) {
		return "deleted", admin.DeleteConsumerGroupOffset("sarama-group", "sarama", 0)
	})
	show("delete group", func(context.Context) (any, error) { return "deleted", admin.DeleteConsumerGroup("sarama-group") })
	show("delete group again", func(context.Context) (any, error) {
		return "deleted", admin.DeleteConsumerGroup("sarama-group")
	})
}

func saramaCluster(admin sarama.ClusterAdmin) {
	show("cluster", func(context.Context) (any, error) {
		brokers, controller, err := admin.DescribeCluster()
		return fmt.Sprint(len(brokers), controller), err
	})
	show("log dirs", func(context.Context) (any, error) {
		dirs, err := admin.DescribeLogDirs([]int32{1})
		return len(dirs[1]), err
	})
	show("delete records", func(context.Context) (any, error) {
		return "deleted", admin.DeleteRecords("sarama", map[int32]int64{0: 10})
	})
	show("acls", func(context.Context) (any, error) {
		acls, err := admin.ListAcls(sarama.AclFilter{Version: 1, ResourceType: sarama.AclResourceAny,
			ResourcePatternTypeFilter: sarama.AclPatternAny, Operation: sarama.AclOperationAny,
			PermissionType: sarama.AclPermissionAny})
		return len(acls), err
	})
	show("quotas", func(context.Context) (any, error) {
		quotas, err := admin.DescribeClientQuotas(nil, false)
		return len(quotas) >= 0, err
	})
	show("scram", func(context.Context) (any, error) {
		users, err := admin.DescribeUserScramCredentials([]string{"sarama-nobody"})
		if err != nil {
			return nil, err
		}
		return users[0].ErrorCode, nil
	})
	show("reassignments", func(context.Context) (any, error) {
		moving, err := admin.ListPartitionReassignments("sarama", []int32{0})
		return len(moving["sarama"]), err
	})
	show("elect", func(context.Context) (any, error) {
		elected, err := admin.ElectLeaders(sarama.PreferredElection, map[string][]int32{"sarama": {0}})
		if err != nil {
			return nil, err
		}
		return elected["sarama"][0].ErrorCode, nil
	})
	show("delete", func(context.Context) (any, error) { return "deleted", admin.DeleteTopic("sarama") })
	show("delete again", func(context.Context) (any, error) { return "deleted", admin.DeleteTopic("sarama-none") })
}
