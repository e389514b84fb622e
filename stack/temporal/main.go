// Command temporal is the Temporal server of the local stack: the official server module and the official UI in one
// process on the loopback interface. It exists because no npm package holds a Temporal server and the official
// command-line tool cannot be built from the Go module proxy. See README.md for what it owns.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

// How long a graceful stop may take. Every write is a transaction, so ending sooner loses nothing.
const stopLimit = 3 * time.Second

type options struct {
	ip           string
	port         int
	uiPort       int
	namespace    string
	attributes   searchAttributes
	db           string
	dbFile       string
	postgresDSN  string
	logLevel     string
	endWithStdin bool
}

func main() {
	opts := parseFlags()
	if err := run(opts); err != nil {
		fmt.Fprintln(os.Stderr, "temporal:", err)
		os.Exit(1)
	}
}

func parseFlags() options {
	var opts options
	flag.StringVar(&opts.ip, "ip", "127.0.0.1", "address to listen on")
	flag.IntVar(&opts.port, "port", 7233, "port of the gRPC frontend")
	flag.IntVar(&opts.uiPort, "ui-port", 0, "port of the web UI; 0 starts none")
	flag.StringVar(&opts.namespace, "namespace", "default", "namespace the UI opens with; created where data is in SQLite")
	opts.attributes = searchAttributes{}
	flag.Var(opts.attributes, "search-attribute", "Name=Type of a search attribute that namespace is created with; repeatable")
	flag.StringVar(&opts.db, "db", dbMemory, "where data is kept: memory, file or postgres")
	flag.StringVar(&opts.dbFile, "db-file", "", "SQLite file, with --db file")
	// The environment is the better place for a password: it is not shown in process lists.
	flag.StringVar(&opts.postgresDSN, "postgres-dsn", os.Getenv("TEMPORAL_POSTGRES_DSN"),
		"postgres://user:password@host:port/database, with --db postgres (default: $TEMPORAL_POSTGRES_DSN)")
	flag.StringVar(&opts.logLevel, "log-level", "error", "debug, info, warn or error; logs go to standard error")
	flag.BoolVar(&opts.endWithStdin, "end-with-stdin", false, "end when standard input ends: with the parent process")
	flag.Parse()
	return opts
}

func run(opts options) error {
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: opts.logLevel, Format: "console"}))
	for _, port := range []int{opts.port, opts.uiPort} {
		if err := checkPortIsFree(opts.ip, port); err != nil {
			return err
		}
	}
	persistence, err := openPersistence(opts, logger)
	if err != nil {
		return err
	}
	serverConfig, hosts, err := configure(opts, persistence)
	if err != nil {
		return err
	}
	server, err := temporal.NewServer(
		temporal.WithConfig(serverConfig),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return authorization.NewNoopClaimMapper() }),
		temporal.WithDynamicConfigClient(dynamicConfig()),
		temporal.WithCustomMetricsHandler(metrics.NoopMetricsHandler),
	)
	if err != nil {
		return fmt.Errorf("cannot set the server up: %w", err)
	}
	ended := endOfWork(opts)
	if err := server.Start(); err != nil {
		return fmt.Errorf("cannot start the server: %w", err)
	}
	startUI(opts)
	fmt.Printf("{\"listening\":%q,\"ui\":%q}\n", hostPort(opts.ip, opts.port), uiURL(opts))
	<-ended
	if opts.db != dbMemory { // Nothing in memory is worth a graceful stop.
		stopWithin(server, stopLimit)
	}
	return nil
}

// dynamicConfig holds what differs from the server's defaults, and why.
func dynamicConfig() dynamicconfig.Client {
	return dynamicconfig.StaticClient{
		// The gate of the server's own time skipping: clients may fast-forward single executions.
		dynamicconfig.WorkflowTimeSkippingEnabled.Key(): true,
		// Else a continue-as-new within a second of its run's start gets a back-off, which a skip jumps over by weeks.
		dynamicconfig.WorkflowIdReuseMinimalInterval.Key(): "0s",
		// Default 1 s: every timer may fire that much late, and every skip takes as long.
		dynamicconfig.TimerProcessorMaxTimeShift.Key(): "20ms",
		// One process serves all: more partitions only add hops.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
	}
}

func startUI(opts options) {
	if opts.uiPort == 0 {
		return
	}
	ui := uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
		TemporalGRPCAddress: hostPort(opts.ip, opts.port),
		Host:                opts.ip,
		Port:                opts.uiPort,
		EnableUI:            true,
		DefaultNamespace:    opts.namespace,
		CORS:                uiconfig.CORS{CookieInsecure: true}, // Plain HTTP on the loopback interface.
		DisableNewsFetch:    true,
		HideLogs:            true,
	}))
	go func() {
		if err := ui.Start(); err != nil {
			fmt.Fprintln(os.Stderr, "temporal: the UI stopped:", err)
		}
	}()
}

// endOfWork closes its channel at the first signal, or when standard input ends because the parent has gone.
func endOfWork(opts options) <-chan os.Signal {
	ended := make(chan os.Signal, 2)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)
	if opts.endWithStdin {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			ended <- syscall.SIGTERM
		}()
	}
	return ended
}

func stopWithin(server temporal.Server, limit time.Duration) {
	stopped := make(chan struct{})
	go func() {
		_ = server.Stop()
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-time.After(limit):
	}
}

func checkPortIsFree(ip string, port int) error {
	if port == 0 {
		return nil
	}
	listener, err := net.Listen("tcp", hostPort(ip, port))
	if err != nil {
		return fmt.Errorf("port %d is in use: %w", port, err)
	}
	return listener.Close()
}

// freePorts asks the system for ports nobody listens on. All are held until the last is known, so none comes twice.
func freePorts(ip string, count int) ([]int, error) {
	ports := make([]int, count)
	for i := range ports {
		listener, err := net.Listen("tcp", hostPort(ip, 0))
		if err != nil {
			return nil, fmt.Errorf("cannot find a free port: %w", err)
		}
		defer func() { _ = listener.Close() }()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

func staticHosts(ip string, ports map[primitives.ServiceName]int) map[primitives.ServiceName]static.Hosts {
	hosts := make(map[primitives.ServiceName]static.Hosts, len(ports))
	for service, port := range ports {
		hosts[service] = static.SingleLocalHost(hostPort(ip, port))
	}
	return hosts
}

func hostPort(ip string, port int) string { return net.JoinHostPort(ip, strconv.Itoa(port)) }

func uiURL(opts options) string {
	if opts.uiPort == 0 {
		return ""
	}
	return "http://" + hostPort(opts.ip, opts.uiPort)
}
