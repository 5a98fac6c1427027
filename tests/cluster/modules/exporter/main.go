// A stand-in for Percona's mongodb_exporter, whose image no test machine can fetch. It takes the
// same variables and the flags that the operator gives, asks a mongod what the real one asks by
// its collectors, with the same driver, and says whether it was answered.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

const patience = 5 * time.Second

var (
	address     = flag.String("web.listen-address", ":9216", "where to listen")
	diagnostics = flag.Bool("collector.diagnosticdata", false, "ask for getDiagnosticData")
	replicaSet  = flag.Bool("collector.replicasetstatus", false, "ask for replSetGetStatus")
)

func main() {
	flag.Parse()
	login := options.Credential{
		Username: os.Getenv("MONGODB_USER"), Password: os.Getenv("MONGODB_PASSWORD"),
	}
	client, err := mongo.Connect(options.Client().ApplyURI(os.Getenv("MONGODB_URI")).
		SetAuth(login).SetTimeout(patience))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/metrics", func(answer http.ResponseWriter, asked *http.Request) {
		up := 1
		if err := collect(asked.Context(), client); err != nil {
			log.Print(err)
			up = 0
		}
		fmt.Fprintf(answer, "# TYPE mongodb_up gauge\nmongodb_up %d\n", up)
	})
	log.Fatal(http.ListenAndServe(*address, nil))
}

// collect asks everything that is wanted; what the user may not ask is an error.
func collect(ctx context.Context, client *mongo.Client) error {
	commands := []string{"buildInfo", "serverStatus"}
	if *diagnostics {
		commands = append(commands, "getDiagnosticData")
	}
	if *replicaSet {
		commands = append(commands, "replSetGetStatus", "replSetGetConfig")
	}
	for _, name := range commands {
		command := bson.D{{Key: name, Value: 1}}
		if err := client.Database("admin").RunCommand(ctx, command).Err(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
