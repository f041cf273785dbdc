metadata description = 'Private endpoints of Cosmos DB, storage and the vault, registered in the private DNS zones of the network.'

import { NetworkType } from '../types.bicep'

param location string
param tags object
param nameSuffix string
param network NetworkType
param cosmosAccountId string
param storageAccountId string
param vaultId string

// The group says which of a resource's services the endpoint leads to; its name is Azure's.
var endpointTargets = [
  { group: 'Sql', resourceId: cosmosAccountId, zoneId: network.zoneIds.Sql }
  { group: 'blob', resourceId: storageAccountId, zoneId: network.zoneIds.blob }
  { group: 'table', resourceId: storageAccountId, zoneId: network.zoneIds.table }
  { group: 'vault', resourceId: vaultId, zoneId: network.zoneIds.vault }
]

resource endpoints 'Microsoft.Network/privateEndpoints@2025-07-01' = [
  for target in endpointTargets: {
    name: 'pep-${toLower(target.group)}-${nameSuffix}'
    location: location
    tags: tags
    properties: {
      subnet: { id: network.endpointSubnetId }
      privateLinkServiceConnections: [
        {
          name: toLower(target.group)
          properties: {
            privateLinkServiceId: target.resourceId
            groupIds: [target.group]
          }
        }
      ]
    }
  }
]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-07-01' = [
  for (target, index) in endpointTargets: {
    parent: endpoints[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: toLower(target.group)
          properties: { privateDnsZoneId: target.zoneId }
        }
      ]
    }
  }
]
