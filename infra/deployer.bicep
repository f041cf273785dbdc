metadata description = 'What an owner of the subscription runs once per environment: the resource group, and the rights of the identities that deploy to it and test it.'

targetScope = 'subscription'

@minLength(1)
@maxLength(32)
@description('Name of the environment, the same as in main.bicep.')
param environmentName string

@minLength(1)
param location string

@minLength(36)
@maxLength(36)
@description('Object id of the service principal that deploys.')
param deployerPrincipalId string

@description('Object id of the service principal that runs the tests after a deployment. It may read the function keys and nothing else. Empty for none.')
param testerPrincipalId string

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: { 'azd-env-name': environmentName }
}

// main.bicep is a deployment to the subscription, since it makes the group. Whatever is in it is checked against the rights on the group.
resource starter 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, 'starts deployments')
  properties: {
    roleName: 'Serverless: starts deployments'
    description: 'Starts a deployment to the subscription and makes resource groups. Every resource in it needs rights of its own.'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.Resources/deployments/*'
          'Microsoft.Resources/subscriptions/resourceGroups/read'
          'Microsoft.Resources/subscriptions/resourceGroups/write'
        ]
      }
    ]
  }
}

resource starts 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, deployerPrincipalId, starter.id)
  properties: {
    principalId: deployerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: starter.id
  }
}

module rights 'modules/deployer-rights.bicep' = {
  scope: group
  params: {
    deployerPrincipalId: deployerPrincipalId
    testerPrincipalId: testerPrincipalId
  }
}
