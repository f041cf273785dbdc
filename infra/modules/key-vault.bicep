metadata description = 'The vault with the key of the inbox. The key is made by the first deployment and then left alone, and nobody has to see it.'

param location string
param tags object

@minLength(3)
@maxLength(24)
param name string

@description('Identity that may read the secrets: the app.')
param identityName string

@description('False closes the public endpoint; a private one must lead here then.')
param publicAccess bool

@secure()
@description('Used by the deployment that makes the key, and by no other.')
param newKey string = base64('${newGuid()}${newGuid()}')

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }

  @onlyIfNotExists()
  resource inboxKey 'secrets' = {
    name: 'inbox-key'
    properties: { value: newKey }
  }
}

var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6' // Key Vault Secrets User

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identity.id, secretsUser)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

output id string = vault.id
