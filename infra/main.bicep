metadata name = 'Serverless'
metadata description = 'Everything the function app needs, in one resource group: run by azd up, or by az deployment sub create.'

targetScope = 'subscription'

import { CapacityType } from 'types.bicep'

@minLength(1)
@maxLength(32)
@description('Name of the environment, for instance dev or prod. Names of all resources derive from it.')
param environmentName string

@minLength(1)
@description('Region of all resources. It must offer Flex Consumption.')
param location string

@description('Added to every resource.')
param tags { *: string } = {}

@minLength(1)
@maxLength(255)
@description('Name of the Cosmos DB database.')
param databaseName string = 'serverless'

@description('Whether this environment must not fail unnoticed: the deployment fails without alertEmails.')
param production bool = false

@maxLength(44)
@description('Name of a Cosmos DB account that is in the resource group already, such as one that a restore made; empty for a new one.')
param existingCosmosAccount string = ''

@description('How Cosmos DB is billed: { mode: \'serverless\' }, { mode: \'autoscale\', sharedMaxRequestUnits: 4000 }, or { mode: \'converted\' }. The README of this folder says how to change it.')
param capacity CapacityType = { mode: 'serverless' }

@description('How far back the events can be restored to any second.')
@allowed(['Continuous7Days', 'Continuous30Days'])
param backupTier string = 'Continuous7Days'

@description('Spread Cosmos DB, storage and the instances of the app over availability zones. Can not be changed later, and not every region has zones.')
param zoneRedundant bool = false

@description('Refuse to delete the Cosmos DB account. Recommended for production; azd down fails while it is on. Whoever deploys needs the role Locks Contributor.')
param lockEvents bool = false

@description('Memory of one instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@minValue(1)
@maxValue(1000)
@description('Most instances at a time. It bounds the load on Cosmos DB as well as the bill.')
param maximumInstanceCount int = 40

@minValue(0)
@maxValue(20)
@description('Instances that stay warm for HTTP. 0 scales to nothing, at the price of cold starts.')
param alwaysReadyHttpInstances int = 0

@description('Reach Cosmos DB, storage and the vault over private endpoints only. HTTP functions stay public. Costs about four endpoints a month.')
param privateNetworking bool = false

@description('Address space of the virtual network, at least a /25.')
param networkAddressPrefix string = '10.40.0.0/24'

@minValue(30)
@maxValue(730)
@description('Days that logs are kept.')
param logRetentionDays int = 30

@minValue(1)
@maxValue(1000)
@description('Log volume per day in GB after which ingestion stops until the next day. An alert fires then.')
param logDailyCapGb int = 5

@minValue(1)
@maxValue(100)
@description('Percentage of traces that host and worker record. Metrics and logs are complete whatever it is.')
param tracePercent int = 100

@description('Log every request to Cosmos DB, without documents. For investigations.')
param logEveryCosmosRequest bool = false

@maxLength(10)
@description('E-mail addresses for alerts and the budget.')
param alertEmails string[] = []

@description('Call the health check every five minutes from five places, and alert when nothing answers. It keeps an instance running, and costs about 26 dollars a month.')
param availabilityTest bool = false

@minValue(0)
@description('Monthly budget that warns, in the currency of the subscription; 0 for none. Needs alertEmails.')
param budgetAmount int = 0

@minValue(1)
@description('Alert above this many throttled requests (429) in five minutes.')
param throttledRequestsPer5Minutes int = 100

@minValue(1)
@description('Alert above this many failed requests in 15 minutes, or failed attempts of one consumer.')
param failuresPer15Minutes int = 20

@minValue(1)
@maxValue(100)
@description('Alert when more than this percentage of at least ten requests in 15 minutes failed.')
param failedPercent int = 20

@minValue(1)
@description('Alert when a consumer was more seconds behind than this for 15 minutes.')
param lagSeconds int = 300

@description('Object id of a user or group that may read and write the data, to run the code locally against this account. Empty for none.')
param developerPrincipalId string = ''

@description('The version of a projection to be built beside the one that serves, such as account-summary@2; empty for none.')
param nextProjection string = ''

@minLength(1)
@description('Name of the secret that authenticates the commands of the inbox. The first deployment makes inbox-key.')
param inboxKeyName string = 'inbox-key'

@description('Name of a secret that is accepted as well, while keys are rotated; empty for none.')
param inboxSecondKeyName string = ''

@description('Roles and keys, such as \'operator,key:dashboard\', that have a right of management. Empty for nobody.')
param managementRights { read: string, operate: string, store: string } = { read: '', operate: '', store: '' }

@description('Roles and keys that can read the views. Empty for every key. appSettings can have rules for single views and categories.')
param viewRoles string = ''

@description('Accept imports, which write commits that no rule has decided. Turn it on for as long as you import.')
param allowImport bool = false

@description('More app settings.')
param appSettings { *: string } = {}

var token = toLower(uniqueString(subscription().id, environmentName, location))
var suffix = '${environmentName}-${token}'
// Modules look these up by name, so that what-if can tell what a deployment would change.
var names = {
  identity: 'id-${suffix}'
  insights: 'appi-${suffix}'
  people: 'ag-${suffix}'
  vault: 'kv-${token}'
  cosmos: empty(existingCosmosAccount) ? 'cosmos-${token}' : existingCosmosAccount
}
var recipients = production && empty(alertEmails)
  ? fail('A production environment needs somebody to alert. Set alertEmails: azd env set ALERT_EMAILS team@example.com')
  : alertEmails
// An empty rule would stop the app: it protects nothing.
var accessSettings = {
  AllowImport: string(allowImport)
  ...(empty(managementRights.read) ? {} : { Roles__manage__read: managementRights.read })
  ...(empty(managementRights.operate) ? {} : { Roles__manage__operate: managementRights.operate })
  ...(empty(managementRights.store) ? {} : { Roles__manage__store: managementRights.store })
  ...(empty(viewRoles) ? {} : { Roles__views: viewRoles })
}
var allTags = { ...tags, 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: allTags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    name: names.identity
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  dependsOn: [identity]
  params: {
    location: location
    tags: allTags
    workspaceName: 'log-${suffix}'
    insightsName: names.insights
    identityName: names.identity
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  scope: group
  params: {
    location: location
    tags: allTags
    name: 'vnet-${suffix}'
    addressPrefix: networkAddressPrefix
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  dependsOn: [identity]
  params: {
    location: location
    tags: allTags
    name: 'st${token}'
    packageContainerName: 'app-package'
    identityName: names.identity
    workspaceId: monitoring.outputs.workspaceId
    publicAccess: !privateNetworking
    zoneRedundant: zoneRedundant
  }
}

module vault 'modules/key-vault.bicep' = {
  scope: group
  dependsOn: [identity]
  params: {
    location: location
    tags: allTags
    name: names.vault
    identityName: names.identity
    publicAccess: !privateNetworking
  }
}

module cosmos 'modules/cosmos-account.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    name: names.cosmos
    capacity: capacity
    backupTier: backupTier
    zoneRedundant: zoneRedundant
    lock: lockEvents
    logEveryRequest: logEveryCosmosRequest
    workspaceId: monitoring.outputs.workspaceId
    publicAccess: !privateNetworking
  }
}

module database 'modules/cosmos-database.bicep' = {
  scope: group
  dependsOn: [cosmos]
  params: {
    accountName: names.cosmos
    databaseName: databaseName
    capacity: capacity
  }
}

module appAccess 'modules/cosmos-access.bicep' = {
  scope: group
  dependsOn: [cosmos]
  params: {
    accountName: names.cosmos
    principalId: identity.outputs.principalId
    assignmentKey: names.identity
  }
}

module developerAccess 'modules/cosmos-access.bicep' = if (!empty(developerPrincipalId)) {
  scope: group
  dependsOn: [cosmos]
  params: {
    accountName: names.cosmos
    principalId: developerPrincipalId
    assignmentKey: developerPrincipalId
  }
}

module privateEndpoints 'modules/private-endpoints.bicep' = if (privateNetworking) {
  scope: group
  params: {
    location: location
    tags: allTags
    nameSuffix: suffix
    network: network!.outputs.network
    cosmosAccountId: cosmos.outputs.id
    storageAccountId: storage.outputs.id
    vaultId: vault.outputs.id
  }
}

module app 'modules/function-app.bicep' = {
  scope: group
  // The triggers start with the app: containers, roles and routes must be there.
  dependsOn: [database, appAccess, vault, privateEndpoints]
  params: {
    location: location
    tags: allTags
    planName: 'plan-${suffix}'
    name: 'func-${token}'
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    packageContainerUri: storage.outputs.packageContainerUri
    cosmosEndpoint: cosmos.outputs.endpoint
    databaseName: databaseName
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    workspaceId: monitoring.outputs.workspaceId
    subnetId: network.?outputs.network.appSubnetId
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyHttpInstances: alwaysReadyHttpInstances
    zoneRedundant: zoneRedundant
    tracePercent: tracePercent
    nextProjection: nextProjection
    vaultName: names.vault
    inboxKeyName: inboxKeyName
    inboxSecondKeyName: inboxSecondKeyName
    extraSettings: { ...accessSettings, ...appSettings }
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    tags: allTags
    nameSuffix: suffix
    actionGroupName: names.people
    cosmosAccountId: cosmos.outputs.id
    workspaceId: monitoring.outputs.workspaceId
    location: location
    emails: recipients
    throttledRequestsPer5Minutes: throttledRequestsPer5Minutes
    failuresPer15Minutes: failuresPer15Minutes
    failedPercent: failedPercent
    lagSeconds: lagSeconds
    expectData: availabilityTest
  }
}

module availability 'modules/availability.bicep' = if (availabilityTest) {
  scope: group
  dependsOn: [alerts]
  params: {
    location: location
    tags: allTags
    nameSuffix: suffix
    insightsName: names.insights
    healthUri: '${app.outputs.uri}/api/health'
    actionGroupName: empty(recipients) ? '' : names.people
  }
}

module spending 'modules/budget.bicep' = if (budgetAmount > 0 && !empty(alertEmails)) {
  scope: group
  params: {
    name: 'budget-${environmentName}-${budgetAmount}'
    amount: max(1, budgetAmount) // The compiler does not see the condition.
    emails: recipients
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP_NAME string = app.outputs.name
output AZURE_COSMOS_ENDPOINT string = cosmos.outputs.endpoint
output SERVICE_API_URI string = app.outputs.uri
