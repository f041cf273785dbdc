metadata description = 'Data-plane role of one principal on the Cosmos DB account.'

param accountName string
param principalId string

@description('Tells the assignments apart. Known before the deployment, unlike the principal of an identity that it creates.')
param assignmentKey string

resource account 'Microsoft.DocumentDB/databaseAccounts@2026-03-15' existing = {
  name: accountName

  // Cosmos DB Built-in Data Contributor: reads and writes items, reads metadata, and can not create or delete containers.
  resource dataContributor 'sqlRoleDefinitions' existing = {
    name: '00000000-0000-0000-0000-000000000002'
  }
}

resource assignment 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2026-03-15' = {
  parent: account
  name: guid(account.id, assignmentKey, account::dataContributor.id)
  properties: {
    principalId: principalId
    roleDefinitionId: account::dataContributor.id
    // The whole account: it holds this one database, and the SDK reads the account's metadata when it starts.
    scope: account.id
  }
}
