metadata description = 'Who is told, and when. The description of each alert says what to do.'

param tags object
param nameSuffix string
param cosmosAccountId string
param workspaceId string
param location string

@description('Addresses that get the alerts. Without any, alerts are still listed in the portal.')
param emails string[]

@minValue(1)
param throttledRequestsPer5Minutes int

@minValue(1)
param failedInvocationsPer15Minutes int

@minValue(1)
param lagSeconds int

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(emails)) {
  name: 'ag-${nameSuffix}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'serverless'
    emailReceivers: [
      for (email, index) in emails: {
        name: 'email-${index}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

var actions = empty(emails) ? [] : [{ actionGroupId: people.id }]

resource throttled 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: 'alert-throttled-${nameSuffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Cosmos DB answered 429 often. The SDK retries, so callers see latency first: raise the ceiling or look for a hot stream.'
    severity: 2
    enabled: true
    scopes: [cosmosAccountId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'throttled'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.DocumentDB/databaseAccounts'
          metricName: 'TotalRequests'
          dimensions: [{ name: 'StatusCode', operator: 'Include', values: ['429'] }]
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: throttledRequestsPer5Minutes
        }
      ]
    }
    actions: actions
  }
}

resource hotPartition 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: 'alert-hot-partition-${nameSuffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'One physical partition has used over 90 % of its share for a quarter of an hour.'
    severity: 3
    enabled: true
    scopes: [cosmosAccountId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'normalized'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.DocumentDB/databaseAccounts'
          metricName: 'NormalizedRUConsumption'
          // Each partition by itself: the average of all would hide a hot one behind the idle.
          dimensions: [
            { name: 'CollectionName', operator: 'Include', values: ['*'] }
            { name: 'PartitionKeyRangeId', operator: 'Include', values: ['*'] }
          ]
          timeAggregation: 'Average'
          operator: 'GreaterThan'
          threshold: 90
        }
      ]
    }
    actions: actions
  }
}

// Rules that ask the workspace are deployed together with it, when it has no table yet: queries are not validated then, but by a test.

// The metric requests/failed counts every answer from 400 on: a rejected command, a wrong key and whoever scans the internet.
resource failures 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: 'alert-failures-${nameSuffix}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'alert-failures-${nameSuffix}'
    description: 'Functions failed. A failing change-feed function holds its lease and retries, so views stand still until it succeeds.'
    severity: 1
    enabled: true
    scopes: [workspaceId]
    skipQueryValidation: true
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      allOf: [
        {
          query: 'AppRequests | where Success == false and not(ResultCode startswith \'4\') | project TimeGenerated, ItemCount'
          metricMeasureColumn: 'ItemCount'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: failedInvocationsPer15Minutes
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    autoMitigate: true
    actions: empty(emails) ? {} : { actionGroups: [people.id] }
  }
}

// Metrics of our own come through OpenTelemetry into the table AppMetrics; the names are those in docs/operations.md.
var consumerAlerts = [
  {
    name: 'lag'
    metric: 'serverless.consumer.lag_time'
    threshold: lagSeconds
    severity: 2
    description: 'A consumer is behind: its views are old. See who and since when at /api/manage/consumers.'
  }
  {
    name: 'stuck'
    metric: 'serverless.consumer.stuck'
    threshold: 0
    severity: 1
    description: 'A consumer fails at the same place again and again, or has stopped because too many streams are parked. The error is at /api/manage/consumers.'
  }
  {
    name: 'parked'
    metric: 'serverless.consumer.parked_streams'
    threshold: 0
    severity: 3
    description: 'A stream could not be processed and waits, while others go on. Mend the code and retry it, or discard it, at /api/manage/consumers.'
  }
]

resource consumers 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in consumerAlerts: {
    name: 'alert-${alert.name}-${nameSuffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'alert-${alert.name}-${nameSuffix}'
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [workspaceId]
      skipQueryValidation: true
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        allOf: [
          {
            query: 'AppMetrics | where Name == \'${alert.metric}\' | extend Consumer = tostring(Properties[\'serverless.consumer.name\']) | project TimeGenerated, Consumer, Value = Max'
            metricMeasureColumn: 'Value'
            timeAggregation: 'Minimum'
            dimensions: [{ name: 'Consumer', operator: 'Include', values: ['*'] }]
            operator: 'GreaterThan'
            threshold: alert.threshold
            // All of a quarter of an hour: a burst that is worked off by itself wakes nobody.
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      autoMitigate: true
      actions: empty(emails) ? {} : { actionGroups: [people.id] }
    }
  }
]

// The service logs the size of the largest logical partitions, of 1 GB and more, as PartitionKeyStatistics: see cosmos-account.bicep.
var fullPartitionGigabytes = 14 // Of 20. What has to be done then, closing a stream or splitting a total, takes time.

resource fullPartition 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: 'alert-full-partition-${nameSuffix}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'alert-full-partition-${nameSuffix}'
    description: 'A logical partition comes near the 20 GB that Cosmos DB keeps of one; then nothing more can be written to it. See docs/scale.md.'
    severity: 2
    enabled: true
    scopes: [workspaceId]
    skipQueryValidation: true
    evaluationFrequency: 'PT1H'
    windowSize: 'P1D'
    criteria: {
      allOf: [
        {
          query: 'CDBPartitionKeyStatistics | project TimeGenerated, CollectionName, PartitionKey, Gigabytes = SizeKb / 1048576.0'
          metricMeasureColumn: 'Gigabytes'
          timeAggregation: 'Maximum'
          dimensions: [
            { name: 'CollectionName', operator: 'Include', values: ['*'] }
            { name: 'PartitionKey', operator: 'Include', values: ['*'] }
          ]
          operator: 'GreaterThan'
          threshold: fullPartitionGigabytes
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    autoMitigate: true
    actions: empty(emails) ? {} : { actionGroups: [people.id] }
  }
}
