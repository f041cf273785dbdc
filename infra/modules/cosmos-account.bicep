metadata description = 'Cosmos DB account: the source of truth. Reached with identities only; keys are switched off.'

import { CapacityType } from '../types.bicep'

param location string
param tags object
param name string
param workspaceId string
param capacity CapacityType

@description('False closes the public endpoint; a private one must lead here then.')
param publicAccess bool

@description('How far back the account can be restored to any second. The first tier costs nothing.')
@allowed(['Continuous7Days', 'Continuous30Days'])
param backupTier string

@description('Spread replicas over availability zones. Can not be changed later, and not every region offers it.')
param zoneRedundant bool

@description('Log every data-plane request, without documents. For an investigation: on a busy account the log costs more than the requests.')
param logEveryRequest bool

@description('Refuse to delete the account, and the events with it, until the lock is removed by hand.')
param lock bool

var isServerless = capacity.mode == 'serverless'

resource account 'Microsoft.DocumentDB/databaseAccounts@2026-03-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    locations: [
      {
        locationName: location
        failoverPriority: 0
        isZoneRedundant: zoneRedundant
      }
    ]
    // An append is a create that must lose when a rival was faster. Two writable regions would let both win.
    enableMultipleWriteLocations: false
    consistencyPolicy: { defaultConsistencyLevel: 'Session' }
    capabilities: isServerless ? [{ name: 'EnableServerless' }] : []
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: { tier: backupTier }
    }
  }
}

resource deletionLock 'Microsoft.Authorization/locks@2020-05-01' = if (lock) {
  scope: account
  name: 'keep-the-events'
  properties: {
    level: 'CanNotDelete'
    notes: 'This account is the only copy of the events. Everything else can be rebuilt from it.'
  }
}

var alwaysLogged = ['ControlPlaneRequests', 'PartitionKeyStatistics', 'PartitionKeyRUConsumption']
var loggedOnDemand = logEveryRequest ? ['DataPlaneRequests', 'QueryRuntimeStatistics'] : []

#disable-next-line use-recent-api-versions // The newest stable version (2016-09-01) has no dedicated tables.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account
  name: 'to-log-analytics'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [for category in concat(alwaysLogged, loggedOnDemand): { category: category, enabled: true }]
    metrics: [{ category: 'Requests', enabled: true }]
  }
}

output id string = account.id
output name string = account.name
output endpoint string = account.properties.documentEndpoint
