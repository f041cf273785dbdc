metadata description = 'The function app on Flex Consumption (.NET 10, isolated worker). It holds no secret: every setting is an address or a name.'

param location string
param tags object
param planName string
param name string

@description('User-assigned identity that the app runs as.')
param identityId string
param identityClientId string

param storageAccountName string
param packageContainerUri string
param cosmosEndpoint string
param databaseName string
param insightsConnectionString string
param workspaceId string

@description('Subnet that outgoing traffic takes; null for the public network.')
param subnetId string?

param instanceMemoryMB int
param maximumInstanceCount int
param alwaysReadyHttpInstances int

@description('Spread instances over zones. The platform then keeps two instances of every function group running, and bills them.')
param zoneRedundant bool

@minValue(1)
@maxValue(100)
param tracePercent int

@description('The version of a projection to be built beside the one that serves, such as account-summary@2; empty for none.')
param nextProjection string

param vaultName string

@description('The secret that authenticates the commands of the inbox.')
param inboxKeyName string

@description('Accepted as well, while keys are rotated; empty for none.')
param inboxSecondKeyName string

@description('Settings added to those below, for instance { Consumers__MaxAttempts: \'20\' }.')
param extraSettings { *: string }

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true // Linux, the only system of this plan.
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: { ...tags, 'azd-service-name': 'api' } // azd finds by this tag where the service named in azure.yaml goes.
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      ftpsState: 'Disabled'
    }
    functionAppConfig: {
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUri
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyHttpInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyHttpInstances }]
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      AzureWebJobsStorage__accountName: storageAccountName
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identityClientId
      CosmosDB__accountEndpoint: cosmosEndpoint
      CosmosDB__credential: 'managedidentity'
      CosmosDB__clientId: identityClientId
      CosmosDatabase: databaseName
      NextProjection: empty(nextProjection) ? 'none' : nextProjection
      'AzureWebJobs.ProjectNextVersion.Disabled': empty(nextProjection) ? 'true' : 'false'
      // Both on the same minute: one wake-up of the app serves both, and between them it scales to zero.
      AuditSchedule: '0 */5 * * * *'
      RetrySchedule: '0 */5 * * * *'
      // Twice the largest body that the functions take. The host buffers a body before they see it: 100 MB without this.
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '8388608'
      AzureWebJobsDisableHomepage: 'true' // It tells everybody what runs here.
      APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=${identityClientId}'
      // Host and worker read these. Without them the exporter keeps five traces a second, and the two would keep different ones.
      OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
      OTEL_TRACES_SAMPLER_ARG: tracePercent == 100 ? '1.0' : '0.${padLeft(string(tracePercent), 2, '0')}'
      Inbox__Key: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${inboxKeyName})'
      ...(empty(inboxSecondKeyName)
        ? {}
        : { Inbox__SecondKey: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${inboxSecondKeyName})' })
      ...extraSettings
    }
  }

  // Publishing with a user name and password is off: deployments sign in with Entra ID.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

#disable-next-line use-recent-api-versions // The newest stable version (2016-09-01) is too old for this resource.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'to-log-analytics'
  properties: {
    workspaceId: workspaceId
    // Logs go to Application Insights from the worker itself; sending them here as well would be paid twice.
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = app.name
output id string = app.id
output uri string = 'https://${app.properties.defaultHostName}'
