metadata description = 'Log Analytics workspace and the Application Insights resource on it.'

param location string
param tags object
param workspaceName string
param insightsName string

@description('Identity that sends telemetry.')
param identityName string

@minValue(30)
@maxValue(730)
param retentionDays int

@minValue(1)
@description('Ingestion stops for the day at this volume, so that a loop that logs can not run up a bill.')
param dailyCapGb int

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: dailyCapGb }
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    // The connection string is an address then, not a key: senders need the role below.
    DisableLocalAuth: true
  }
}

@description('Built-in role Monitoring Metrics Publisher: the one role that may send telemetry.')
var publisherRole = '3913510d-42f4-4e42-8a64-420c390055eb'

resource publisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, identity.id, publisherRole)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', publisherRole)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

output workspaceId string = workspace.id
output insightsConnectionString string = insights.properties.ConnectionString
