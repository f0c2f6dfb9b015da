// What Go's two clients see of a broker: one line `name: what happened` for each thing they do, without anything that
// differs from run to run, so that those of two brokers can be compared.
//
//	clients franz|sarama HOST:PORT
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kerr"
)

const stepTimeout = 20 * time.Second

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "clients franz|sarama HOST:PORT")
		os.Exit(2)
	}
	switch os.Args[1] {
	case "franz":
		franz(os.Args[2])
	case "sarama":
		saramaClient(os.Args[2])
	}
}

// show runs one thing and prints its line.
func show(name string, run func(context.Context) (any, error)) {
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	value, err := run(ctx)
	if err != nil {
		fmt.Printf("%s: %s\n", name, errorName(err))
		return
	}
	fmt.Printf("%s: %v\n", name, value)
}

func errorName(err error) string {
	var ours *kerr.Error
	if errors.As(err, &ours) {
		return ours.Message
	}
	var theirs sarama.KError
	if errors.As(err, &theirs) {
		return theirs.Error()
	}
	return err.Error()
}
