using 'main.bicep'

// azd sets these two; without azd, set them in the shell or write the values here.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')

// Not AZURE_PRINCIPAL_ID, which azd sets as well: in a workflow that is the workflow's own identity, and it needs no data.
// azd env set DEVELOPER_PRINCIPAL_ID "$(az ad signed-in-user show --query id --output tsv)"
param developerPrincipalId = readEnvironmentVariable('DEVELOPER_PRINCIPAL_ID', '')

param tags = {
  project: 'serverless'
}

// Until the load is steady. Then, for instance:
// param capacity = { mode: 'autoscale', sharedMaxRequestUnits: 1000, dedicatedMaxRequestUnits: { events: 4000 } }
param capacity = { mode: 'serverless' }

// For production:
// param lockEvents = true
// param backupTier = 'Continuous30Days'
// param privateNetworking = true
// param alwaysReadyHttpInstances = 1
// param alertEmails = ['team@example.com']
// param budget = { amount: 100, startDate: '2026-11-01' }
