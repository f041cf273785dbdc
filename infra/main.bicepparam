using 'main.bicep'

// azd sets the first two; without azd, set them in the shell or write the values here.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param developerPrincipalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')

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
