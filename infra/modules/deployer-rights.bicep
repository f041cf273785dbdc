metadata description = 'Rights on one resource group: everything for the identity that deploys, function keys for the one that tests.'

param deployerPrincipalId string
param testerPrincipalId string

var builtIn = {
  contributor: 'b24988ac-6180-42a0-ab88-20f7382dd24c'
  accessAdministrator: 'f58310d9-a9f6-439a-9e8d-f62e7b41a168'
}

// The roles that the modules assign, and no others: without this, the right to assign roles would be the right to everything in the group.
var assignable = join(
  [
    '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher
    'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
    '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
    '4633458b-17de-408a-b874-0445c86b69e6' // Key Vault Secrets User
  ],
  ', '
)
var attribute = 'Microsoft.Authorization/roleAssignments'
var onlyAssignable = '((!(ActionMatches{\'${attribute}/write\'})) OR (@Request[${attribute}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${assignable}} AND @Request[${attribute}:PrincipalType] StringEqualsIgnoreCase \'ServicePrincipal\')) AND ((!(ActionMatches{\'${attribute}/delete\'})) OR (@Resource[${attribute}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${assignable}}))'

resource lockRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'locks')
  properties: {
    roleName: 'Serverless: locks in ${resourceGroup().name}'
    description: 'Puts locks on resources, as lockEvents does.'
    assignableScopes: [resourceGroup().id]
    permissions: [{ actions: ['Microsoft.Authorization/locks/*'] }]
  }
}

resource testRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'tests')
  properties: {
    roleName: 'Serverless: tests in ${resourceGroup().name}'
    description: 'Finds the function app and reads its function keys.'
    assignableScopes: [resourceGroup().id]
    permissions: [{ actions: ['Microsoft.Web/sites/read', 'Microsoft.Web/sites/host/listkeys/action'] }]
  }
}

resource contributor 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, deployerPrincipalId, builtIn.contributor)
  properties: {
    principalId: deployerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtIn.contributor)
  }
}

resource accessAdministrator 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, deployerPrincipalId, builtIn.accessAdministrator)
  properties: {
    principalId: deployerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtIn.accessAdministrator)
    condition: onlyAssignable
    conditionVersion: '2.0'
  }
}

resource locks 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, deployerPrincipalId, lockRole.id)
  properties: {
    principalId: deployerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: lockRole.id
  }
}

resource tests 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(testerPrincipalId)) {
  name: guid(resourceGroup().id, testerPrincipalId, testRole.id)
  properties: {
    principalId: testerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: testRole.id
  }
}
