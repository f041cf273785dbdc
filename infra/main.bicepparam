using 'main.bicep'

import { flag, list, number, text } from 'settings.bicep'

// Every switch is an environment variable: azd env set NAME value, or a variable of the GitHub environment. What is unset gets the value for
// development, or for production if the name of the environment starts with prod. The README of this folder lists them.
var name = text(readEnvironmentVariable('AZURE_ENV_NAME', ''), 'dev')
var isProduction = flag(readEnvironmentVariable('PRODUCTION', ''), startsWith(name, 'prod'))

param environmentName = name
param location = text(readEnvironmentVariable('AZURE_LOCATION', ''), 'westeurope')
param production = isProduction

param tags = {
  project: 'serverless'
}

// Events
var mode = text(readEnvironmentVariable('CAPACITY_MODE', ''), 'serverless')
param capacity = mode == 'autoscale'
  ? {
      mode: 'autoscale'
      sharedMaxRequestUnits: number(readEnvironmentVariable('SHARED_MAX_REQUEST_UNITS', ''), 1000)
      dedicatedMaxRequestUnits: { events: number(readEnvironmentVariable('EVENTS_MAX_REQUEST_UNITS', ''), 4000) }
    }
  : mode == 'converted'
      ? { mode: 'converted' }
      : mode == 'serverless'
          ? { mode: 'serverless' }
          : fail('CAPACITY_MODE is ${mode}. It can be serverless, autoscale or converted.')
param backupTier = number(readEnvironmentVariable('BACKUP_DAYS', ''), isProduction ? 30 : 7) == 30
  ? 'Continuous30Days'
  : 'Continuous7Days'
param lockEvents = flag(readEnvironmentVariable('LOCK_EVENTS', ''), isProduction)
param existingCosmosAccount = readEnvironmentVariable('EXISTING_COSMOS_ACCOUNT', '')

// Availability
param zoneRedundant = flag(readEnvironmentVariable('ZONE_REDUNDANT', ''), isProduction)
param alwaysReadyHttpInstances = number(
  readEnvironmentVariable('ALWAYS_READY_HTTP_INSTANCES', ''),
  isProduction ? 2 : 0
)
param maximumInstanceCount = number(readEnvironmentVariable('MAXIMUM_INSTANCE_COUNT', ''), isProduction ? 100 : 40)

// Access
param privateNetworking = flag(readEnvironmentVariable('PRIVATE_NETWORKING', ''), isProduction)
// Not AZURE_PRINCIPAL_ID, which azd sets as well: in a workflow that is the identity of the workflow, and it needs no data.
param developerPrincipalId = readEnvironmentVariable('DEVELOPER_PRINCIPAL_ID', '')

param managementRights = {
  read: readEnvironmentVariable('MANAGE_READ', '')
  operate: readEnvironmentVariable('MANAGE_OPERATE', '')
  store: readEnvironmentVariable('MANAGE_STORE', '')
}
param viewRoles = readEnvironmentVariable('VIEW_ROLES', '')
param allowImport = flag(readEnvironmentVariable('ALLOW_IMPORT', ''), false)
param inboxKeyName = text(readEnvironmentVariable('INBOX_KEY_NAME', ''), 'inbox-key')
param inboxSecondKeyName = readEnvironmentVariable('INBOX_SECOND_KEY_NAME', '')

// Alerts and costs
param alertEmails = list(readEnvironmentVariable('ALERT_EMAILS', ''))
param availabilityTest = flag(readEnvironmentVariable('AVAILABILITY_TEST', ''), isProduction)
param budgetAmount = number(readEnvironmentVariable('BUDGET_AMOUNT', ''), 0)
param logRetentionDays = number(readEnvironmentVariable('LOG_RETENTION_DAYS', ''), isProduction ? 90 : 30)
param logDailyCapGb = number(readEnvironmentVariable('LOG_DAILY_CAP_GB', ''), 5)
param tracePercent = number(readEnvironmentVariable('TRACE_PERCENT', ''), isProduction ? 10 : 100)

// The app
param nextProjection = readEnvironmentVariable('NEXT_PROJECTION', '')
param appSettings = json(text(readEnvironmentVariable('APP_SETTINGS', ''), '{}'))
