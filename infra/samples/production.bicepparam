using '../main.bicep'

// Everything that main.bicepparam leaves off. A sample to copy, and a test evaluates it.
param environmentName = 'prod'
param location = 'westeurope'

param tags = {
  project: 'serverless'
  costCenter: '0000'
}

param capacity = {
  mode: 'autoscale'
  sharedMaxRequestUnits: 4000
  dedicatedMaxRequestUnits: { events: 10000 }
}
param backupTier = 'Continuous30Days'
param zoneRedundant = true
param lockEvents = true

param instanceMemoryMB = 2048
param maximumInstanceCount = 100
param alwaysReadyHttpInstances = 2

param privateNetworking = true

param logRetentionDays = 90
param alertEmails = ['team@example.com']
param budget = {
  amount: 500
  startDate: '2026-11-01'
}
