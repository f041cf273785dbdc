metadata description = 'Virtual network with a subnet for the function app, one for private endpoints, and the private DNS zones.'

import { NetworkType } from '../types.bicep'

param location string
param tags object
param name string

@description('At least a /25: two subnets of /26 are cut from it.')
param addressPrefix string

resource deny 'Microsoft.Network/networkSecurityGroups@2025-07-01' = {
  name: 'nsg-${name}'
  location: location
  tags: tags
  properties: { securityRules: [] } // The platform's default rules: nothing comes in from the internet.
}

resource network 'Microsoft.Network/virtualNetworks@2025-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        // No underscore in this name: Flex Consumption refuses such a subnet.
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          networkSecurityGroup: { id: deny.id }
          delegations: [
            {
              name: 'flex-consumption'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 1)
          networkSecurityGroup: { id: deny.id }
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
    ]
  }

  resource app 'subnets' existing = { name: 'app' }
  resource endpoints 'subnets' existing = { name: 'endpoints' }
}

// The zones of Cosmos DB and Key Vault are the same in every public region; bicep has no suffix for them.
var zoneNames = {
  Sql: 'privatelink.documents.azure.com'
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  table: 'privatelink.table.${environment().suffixes.storage}'
  vault: 'privatelink.vaultcore.azure.net'
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in items(zoneNames): {
    name: zone.value
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, index) in items(zoneNames): {
    parent: zones[index]
    name: name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: network.id }
    }
  }
]

output network NetworkType = {
  appSubnetId: network::app.id
  endpointSubnetId: network::endpoints.id
  zoneIds: {
    Sql: resourceId('Microsoft.Network/privateDnsZones', zoneNames.Sql)
    blob: resourceId('Microsoft.Network/privateDnsZones', zoneNames.blob)
    table: resourceId('Microsoft.Network/privateDnsZones', zoneNames.table)
    vault: resourceId('Microsoft.Network/privateDnsZones', zoneNames.vault)
  }
}
