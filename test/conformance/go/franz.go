package main

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func franz(broker string) {
	client := franzClient(broker)
	defer client.Close()
	admin := kadm.NewClient(client)
	franzTopics(admin)
	franzRecords(broker, admin)
	franzGroups(broker, admin)
	franzTransactions(broker, admin)
	franzCluster(admin)
}

func franzClient(broker string, options ...kgo.Opt) *kgo.Client {
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(broker)}, options...)...)
	if err != nil {
		panic(err)
	}
	return client
}

func text(value string) *string { return &value }

func franzTopics(admin *kadm.Client) {
	show("create", func(ctx context.Context) (any, error) {
		created, err := admin.CreateTopic(ctx, 3, 1, map[string]*string{"retention.ms": text("60000")}, "franz")
		return fmt.Sprint(created.NumPartitions, created.ReplicationFactor, len(created.Configs) > 20), err
	})
	show("create again", func(ctx context.Context) (any, error) { return admin.CreateTopic(ctx, 3, 1, nil, "franz") })
	show("create wrongly", func(ctx context.Context) (any, error) {
		return admin.CreateTopic(ctx, 1, 1, map[string]*string{"retention.ms": text("soon")}, "franz-wrong")
	})
	show("grow", func(ctx context.Context) (any, error) {
		grown, err := admin.UpdatePartitions(ctx, 4, "franz")
		if err != nil {
			return nil, err
		}
		return "grown", grown["franz"].Err
	})
	show("metadata", func(ctx context.Context) (any, error) {
		time.Sleep(200 * time.Millisecond)
		topics, err := admin.ListTopics(ctx, "franz")
		return len(topics["franz"].Partitions), err
	})
	show("configs", func(ctx context.Context) (any, error) {
		altered, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{
			{Op: kadm.SetConfig, Name: "flush.ms", Value: text("1000")}, {Op: kadm.DeleteConfig, Name: "retention.ms"},
		}, "franz")
		if err == nil {
			err = altered[0].Err
		}
		if err != nil {
			return nil, err
		}
		described, err := admin.DescribeTopicConfigs(ctx, "franz")
		if err != nil {
			return nil, err
		}
		var changed []string
		for _, config := range described[0].Configs {
			if config.Source.String() == "DYNAMIC_TOPIC_CONFIG" {
				changed = append(changed, config.Key+"="+config.MaybeValue())
			}
		}
		sort.Strings(changed)
		return fmt.Sprint(len(described[0].Configs) > 30, changed), err
	})
}

func franzRecords(broker string, admin *kadm.Client) {
	for _, codec := range []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(),
		kgo.Lz4Compression(), kgo.ZstdCompression()} {
		show("produce and read", func(ctx context.Context) (any, error) { return franzRoundTrip(ctx, broker, admin, codec) })
	}
	show("offsets", func(ctx context.Context) (any, error) {
		starts, err := admin.ListStartOffsets(ctx, "franz-records")
		if err != nil {
			return nil, err
		}
		ends, err := admin.ListEndOffsets(ctx, "franz-records")
		if err != nil {
			return nil, err
		}
		later, err := admin.ListOffsetsAfterMilli(ctx, time.Now().Add(time.Hour).UnixMilli(), "franz-records")
		if err != nil {
			return nil, err
		}
		newest, err := admin.ListMaxTimestampOffsets(ctx, "franz-records")
		var all []int64
		for _, listed := range []kadm.ListedOffsets{starts, ends, later, newest} {
			offset, _ := listed.Lookup("franz-records", 0)
			all = append(all, offset.Offset)
		}
		return all, err
	})
	show("delete records", func(ctx context.Context) (any, error) {
		var offsets kadm.Offsets
		offsets.AddOffset("franz-records", 0, 10, -1)
		deleted, err := admin.DeleteRecords(ctx, offsets)
		if err != nil {
			return nil, err
		}
		answer, _ := deleted.Lookup("franz-records", 0)
		return answer.LowWatermark, answer.Err
	})
}

func franzRoundTrip(ctx context.Context, broker string, admin *kadm.Client, codec kgo.CompressionCodec) (any, error) {
	if _, err := admin.CreateTopic(ctx, 1, 1, nil, "franz-records"); err != nil && !strings.Contains(err.Error(), "exists") {
		return nil, err
	}
	client := franzClient(broker, kgo.ProducerBatchCompression(codec), kgo.ConsumeTopics("franz-records"))
	defer client.Close()
	var records []*kgo.Record
	// Told, so that the newest is the same record on both brokers: by the clock several share a millisecond.
	written := time.Now()
	for n := range 100 {
		header := kgo.RecordHeader{Key: "n", Value: []byte(fmt.Sprint(n))}
		records = append(records, &kgo.Record{Topic: "franz-records", Key: []byte("k"), Value: []byte(fmt.Sprint("value ", n)),
			Headers: []kgo.RecordHeader{header}, Timestamp: written.Add(time.Duration(n) * time.Millisecond)})
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return nil, err
	}
	end := records[99].Offset
	first, seen, inOrder := records[0].Offset, 0, true
	for last := int64(-1); last < end; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, err
		}
		fetches.EachRecord(func(record *kgo.Record) {
			inOrder = inOrder && record.Offset == last+1
			last = record.Offset
			if record.Offset >= first && string(record.Headers[0].Value) == fmt.Sprint(record.Offset-first) {
				seen++
			}
		})
	}
	return fmt.Sprint(first, seen, inOrder), nil
}

func franzGroups(broker string, admin *kadm.Client) {
	kinds := map[string][]kgo.Opt{
		"classic":  {kgo.Balancers(kgo.CooperativeStickyBalancer())},
		"consumer": {kgo.WithContext(context.WithValue(context.Background(), "opt_in_kafka_next_gen_balancer_beta", true))},
	}
	for _, kind := range []string{"classic", "consumer"} {
		group := "franz-" + kind
		show("group "+kind, func(ctx context.Context) (any, error) {
			options := append(kinds[kind], kgo.ConsumerGroup(group), kgo.ConsumeTopics("franz-records"),
				kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit())
			member := franzClient(broker, options...)
			defer member.Close()
			count := 0
			for count < 490 {
				fetches := member.PollFetches(ctx)
				if err := fetches.Err(); err != nil {
					return nil, err
				}
				count += fetches.NumRecords()
			}
			if err := member.CommitUncommittedOffsets(ctx); err != nil {
				return nil, err
			}
			listed, err := admin.ListGroupsByType(ctx, []string{kind})
			return fmt.Sprint(count, " ", listed[group].State, " ", listed[group].GroupType), err
		})
		show("lag "+kind, func(ctx context.Context) (any, error) {
			lags, err := admin.Lag(ctx, group)
			if err != nil {
				return nil, err
			}
			lag := lags[group]
			return lag.Lag.Total(), lag.Error()
		})
		show("delete "+kind, func(ctx context.Context) (any, error) {
			for {
				deleted, err := admin.DeleteGroup(ctx, group)
				if err == nil || !strings.Contains(err.Error(), "NON_EMPTY") {
					return deleted.Group, err
				}
				time.Sleep(100 * time.Millisecond)
			}
		})
	}
	show("group share", func(ctx context.Context) (any, error) {
		member := franzClient(broker, kgo.ShareGroup("franz-share"), kgo.ConsumeTopics("franz-records"))
		defer member.Close()
		for {
			described, err := admin.DescribeShareGroups(ctx, "franz-share")
			if err != nil {
				return nil, err
			}
			if described["franz-share"].Err == nil && len(described["franz-share"].Members) == 1 &&
				len(described["franz-share"].Members[0].Assignment) == 1 {
				break
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			member.PollRecords(shortly(ctx), 1)
		}
		producer := franzClient(broker)
		defer producer.Close()
		// Kafka begins at the end of the log whenever it first reads for the group: what was written before is not seen.
		for attempt := 0; ; attempt++ {
			if attempt%10 == 0 {
				record := &kgo.Record{Topic: "franz-records", Value: []byte("shared")}
				if err := producer.ProduceSync(ctx, record).FirstErr(); err != nil {
					return nil, err
				}
			}
			fetches := member.PollRecords(shortly(ctx), 10)
			for _, record := range fetches.Records() {
				record.Ack(kgo.AckAccept)
				return string(record.Value), member.FlushAcks(ctx)
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
	})
	show("group nobody", func(ctx context.Context) (any, error) { return admin.DeleteGroup(ctx, "franz-nobody") })
}

func shortly(ctx context.Context) context.Context {
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	context.AfterFunc(short, cancel)
	return short
}

func franzTransactions(broker string, admin *kadm.Client) {
	show("transactions", func(ctx context.Context) (any, error) {
		if _, err := admin.CreateTopic(ctx, 1, 1, nil, "franz-tx"); err != nil {
			return nil, err
		}
		producer := franzClient(broker, kgo.TransactionalID("franz-tx"), kgo.DefaultProduceTopic("franz-tx"))
		defer producer.Close()
		for n, how := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit} {
			if err := producer.BeginTransaction(); err != nil {
				return nil, err
			}
			if err := producer.ProduceSync(ctx, kgo.StringRecord(fmt.Sprint("t", n))).FirstErr(); err != nil {
				return nil, err
			}
			if err := producer.EndTransaction(ctx, how); err != nil {
				return nil, err
			}
		}
		reader := franzClient(broker, kgo.ConsumeTopics("franz-tx"), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
		defer reader.Close()
		var values []string
		for len(values) < 2 {
			fetches := reader.PollFetches(ctx)
			if err := fetches.Err(); err != nil {
				return nil, err
			}
			fetches.EachRecord(func(record *kgo.Record) { values = append(values, string(record.Value)) })
		}
		return values, nil
	})
	show("transaction state", func(ctx context.Context) (any, error) {
		described, err := admin.DescribeTransactions(ctx, "franz-tx")
		return described["franz-tx"].State, err
	})
	show("transaction list", func(ctx context.Context) (any, error) {
		listed, err := admin.ListTransactions(ctx, nil, nil)
		return listed["franz-tx"].State, err
	})
	show("producers", func(ctx context.Context) (any, error) {
		described, err := admin.DescribeProducers(ctx, kadm.TopicsSet{"franz-tx": {0: {}}})
		return len(described["franz-tx"].Partitions[0].ActiveProducers), err
	})
}

func franzCluster(admin *kadm.Client) {
	show("brokers", func(ctx context.Context) (any, error) {
		brokers, err := admin.ListBrokers(ctx)
		return brokers.NodeIDs(), err
	})
	show("api versions", func(ctx context.Context) (any, error) {
		versions, err := admin.ApiVersions(ctx)
		if err != nil {
			return nil, err
		}
		broker := versions[1]
		return broker.VersionGuess(), broker.Err
	})
	show("log dirs", func(ctx context.Context) (any, error) {
		dirs, err := admin.DescribeAllLogDirs(ctx, kadm.TopicsSet{"franz": {0: {}}})
		return len(dirs[1]), err
	})
	show("acls", func(ctx context.Context) (any, error) {
		return admin.DescribeACLs(ctx, kadm.NewACLs().AnyResource().Allow().AllowHosts().Operations(kadm.OpAny))
	})
	show("elect", func(ctx context.Context) (any, error) {
		elected, err := admin.ElectLeaders(ctx, kadm.ElectPreferredReplica, kadm.TopicsSet{"franz": {0: {}}})
		if err != nil {
			return nil, err
		}
		return "elected", elected["franz"][0].Err
	})
	show("reassignments", func(ctx context.Context) (any, error) {
		moving, err := admin.ListPartitionReassignments(ctx, kadm.TopicsSet{"franz": {0: {}}})
		return len(moving), err
	})
	show("quotas", func(ctx context.Context) (any, error) {
		quotas, err := admin.DescribeClientQuotas(ctx, false, []kadm.DescribeClientQuotaComponent{{Type: "ip"}})
		return len(quotas), err
	})
	show("scram", func(ctx context.Context) (any, error) {
		users, err := admin.DescribeUserSCRAMs(ctx)
		return len(users), err
	})
	show("tokens", func(ctx context.Context) (any, error) { return admin.DescribeDelegationTokens(ctx) })
	show("delete topics", func(ctx context.Context) (any, error) {
		deleted, err := admin.DeleteTopics(ctx, "franz", "franz-records", "franz-tx", "franz-none")
		if err != nil {
			return nil, err
		}
		return deleted["franz"].Err, deleted["franz-none"].Err
	})
}
