metadata description = 'Database and containers, exactly as the code provisions them locally: both read containers.json.'

import { CapacityType } from '../types.bicep'

param accountName string
param databaseName string
param capacity CapacityType

var definitions = loadJsonContent('../containers.json')

var dedicated = capacity.mode == 'autoscale' ? (capacity.?dedicatedMaxRequestUnits ?? {}) : {}

resource account 'Microsoft.DocumentDB/databaseAccounts@2026-03-15' existing = {
  name: accountName
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2026-03-15' = {
  parent: account
  name: databaseName
  properties: {
    resource: { id: databaseName }
    options: capacity.mode == 'autoscale'
      ? { autoscaleSettings: { maxThroughput: capacity.sharedMaxRequestUnits } }
      : {}
  }
}

// One after the other: Cosmos DB refuses parallel changes to the containers of one database now and then.
@batchSize(1)
resource containers 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2026-03-15' = [
  for container in definitions: {
    parent: database
    name: container.name
    properties: {
      resource: {
        id: container.name
        partitionKey: {
          paths: container.partitionKeyPaths
          kind: length(container.partitionKeyPaths) == 1 ? 'Hash' : 'MultiHash'
          version: 2
        }
        // Unique keys can be set only when a container is created. Changing them in the file needs a new container.
        uniqueKeyPolicy: { uniqueKeys: map(container.uniqueKeyPaths, path => { paths: [path] }) }
        indexingPolicy: container.indexingPolicy
        ...(container.defaultTtl == null ? {} : { defaultTtl: container.defaultTtl })
      }
      options: contains(dedicated, container.name)
        ? { autoscaleSettings: { maxThroughput: dedicated[container.name] } }
        : {}
    }
  }
]

output containerNames string[] = [for (container, index) in definitions: containers[index].name]
