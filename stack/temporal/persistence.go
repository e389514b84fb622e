package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/tools/common/schema"
	"go.temporal.io/server/tools/sql"
)

const (
	dbMemory   = "memory"
	dbFile     = "file"
	dbPostgres = "postgres"

	clusterName = "active"

	// Each of the four services opens its own pool to each of the two databases.
	postgresConnectionsPerPool = 8
	// Writes of one shard follow each other; a few shards let transactions overlap. Fixed when the data is created.
	postgresHistoryShards = 4
)

// openPersistence makes sure the schema is there and up to date, and says where the server finds its data.
func openPersistence(opts options, logger log.Logger) (config.Persistence, error) {
	switch opts.db {
	case dbMemory:
		attributes := map[string]string{"mode": "memory", "cache": "shared"}
		store := sqliteStore(fmt.Sprintf("perennial-%d", os.Getpid()), attributes)
		return oneStore(store), createNamespace(store, opts)
	case dbFile:
		return openFile(opts)
	case dbPostgres:
		return openPostgres(opts.postgresDSN, logger)
	default:
		return config.Persistence{}, fmt.Errorf("--db %q: expected memory, file or postgres", opts.db)
	}
}

// createNamespace writes the namespace before the server starts, so that no cache of the server is ever behind: one
// registered later is known to all its services only seconds after. Does nothing where the namespace exists.
func createNamespace(store config.DataStore, opts options) error {
	namespace, err := sqlite.NewNamespaceConfig(clusterName, opts.namespace, false, opts.attributes)
	if err != nil {
		return fmt.Errorf("cannot describe namespace %s: %w", opts.namespace, err)
	}
	return sqlite.CreateNamespaces(store.SQL, namespace)
}

// searchAttributes collects the values of a repeated flag.
type searchAttributes map[string]enumspb.IndexedValueType

func (attributes searchAttributes) String() string { return "" }

func (attributes searchAttributes) Set(value string) error {
	name, typeName, _ := strings.Cut(value, "=")
	kind, err := enumspb.IndexedValueTypeFromString(typeName)
	if err != nil || name == "" {
		return fmt.Errorf("expected Name=Type with a type like Keyword, Int or Datetime")
	}
	attributes[name] = kind
	return nil
}

func openFile(opts options) (config.Persistence, error) {
	path := opts.dbFile
	if path == "" {
		return config.Persistence{}, errors.New("--db file needs --db-file")
	}
	store := sqliteStore(path, map[string]string{"mode": "rwc", "journal_mode": "wal", "synchronous": "2"})
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := sqlite.SetupSchema(store.SQL); err != nil {
			return config.Persistence{}, fmt.Errorf("cannot create %s: %w", path, err)
		}
	}
	return oneStore(store), createNamespace(store, opts)
}

func openPostgres(dsn string, logger log.Logger) (config.Persistence, error) {
	address, err := url.Parse(dsn)
	if err != nil || address.Host == "" || !strings.HasPrefix(address.Scheme, "postgres") {
		// The text is not repeated: it holds a password.
		return config.Persistence{}, errors.New("--postgres-dsn: expected postgres://user:password@host:port/database")
	}
	defaultDatabase := strings.TrimPrefix(address.Path, "/")
	stores := make(map[string]config.DataStore, 2)
	for _, database := range []struct{ name, schema string }{
		{"temporal", "postgresql/v12/temporal"},
		{"temporal_visibility", "postgresql/v12/visibility"},
	} {
		store := postgresStore(address, database.name)
		if err := prepareSchema(*store.SQL, defaultDatabase, database.schema, logger); err != nil {
			return config.Persistence{}, fmt.Errorf("cannot prepare database %s: %w", database.name, err)
		}
		stores[database.name] = store
	}
	return config.Persistence{
		DefaultStore:     "temporal",
		VisibilityStore:  "temporal_visibility",
		NumHistoryShards: postgresHistoryShards,
		DataStores:       stores,
	}, nil
}

// prepareSchema creates the database and brings its schema to this server's version. Safe to repeat, also after a
// start that was interrupted half-way: the update tool passes over what is there already.
func prepareSchema(cfg config.SQL, defaultDatabase, schemaName string, logger log.Logger) error {
	creating := cfg // DoCreateDatabase changes the name in the configuration it is given.
	if err := sql.DoCreateDatabase(&creating, defaultDatabase, logger); err != nil {
		return err
	}
	connection, err := sql.NewConnection(&cfg, logger)
	if err != nil {
		return err
	}
	defer connection.Close()
	if _, err := connection.ReadSchemaVersion(); err != nil {
		setup := schema.NewSetupSchemaTask(connection, &schema.SetupConfig{InitialVersion: "0.0"}, logger)
		if err := setup.Run(); err != nil {
			return err
		}
	}
	update := &schema.UpdateConfig{DBName: cfg.DatabaseName, SchemaName: schemaName}
	return schema.NewUpdateSchemaTask(connection, update, logger).Run()
}

func sqliteStore(name string, attributes map[string]string) config.DataStore {
	return config.DataStore{SQL: &config.SQL{
		PluginName:        sqliteplugin.PluginName,
		DatabaseName:      name,
		ConnectAttributes: attributes,
	}}
}

func oneStore(store config.DataStore) config.Persistence {
	const name = "sqlite"
	return config.Persistence{
		DefaultStore:     name,
		VisibilityStore:  name,
		NumHistoryShards: 1,
		DataStores:       map[string]config.DataStore{name: store},
	}
}

func postgresStore(address *url.URL, database string) config.DataStore {
	password, _ := address.User.Password()
	port := address.Port()
	if port == "" {
		port = "5432"
	}
	attributes := make(map[string]string)
	for key, values := range address.Query() {
		attributes[key] = values[0]
	}
	return config.DataStore{SQL: &config.SQL{
		PluginName:        postgresql.PluginNamePGX,
		DatabaseName:      database,
		ConnectAddr:       net.JoinHostPort(address.Hostname(), port),
		ConnectProtocol:   "tcp",
		ConnectAttributes: attributes,
		User:              address.User.Username(),
		Password:          password,
		MaxConns:          postgresConnectionsPerPool,
		MaxIdleConns:      postgresConnectionsPerPool,
		MaxConnLifetime:   time.Hour,
	}}
}

// configure describes a cluster of one process: four services on four ports, found by fixed addresses.
func configure(
	opts options, persistence config.Persistence,
) (*config.Config, map[primitives.ServiceName]static.Hosts, error) {
	inner, err := freePorts(opts.ip, 3)
	if err != nil {
		return nil, nil, err
	}
	ports := map[primitives.ServiceName]int{
		primitives.FrontendService: opts.port,
		primitives.HistoryService:  inner[0],
		primitives.MatchingService: inner[1],
		primitives.WorkerService:   inner[2],
	}
	services := make(map[string]config.Service, len(ports))
	for service, port := range ports {
		services[string(service)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: opts.ip}}
	}
	frontend := hostPort(opts.ip, opts.port)
	disabled := "disabled"
	return &config.Config{
		Persistence: persistence,
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            services,
		Archival: config.Archival{
			History:    config.HistoryArchival{State: disabled},
			Visibility: config.VisibilityArchival{State: disabled},
		},
		PublicClient: config.PublicClient{HostPort: frontend},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: disabled},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: disabled},
		}},
	}, staticHosts(opts.ip, ports), nil
}
