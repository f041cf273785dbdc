metadata description = 'Alerts, and who receives them. The description of each alert says what to do; docs/operations.md says more.'

param tags object
param nameSuffix string
param actionGroupName string
param cosmosAccountId string
param workspaceId string
param location string

@description('Addresses that receive the alerts. With none, alerts are still listed in the portal.')
param emails string[]

@minValue(1)
param throttledRequestsPer5Minutes int

@minValue(1)
param failuresPer15Minutes int

@minValue(1)
@maxValue(100)
param failedPercent int

@minValue(1)
param lagSeconds int

@description('Whether silence means an outage: only where something calls the app every few minutes, as the availability test does.')
param expectData bool

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(emails)) {
  name: actionGroupName
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
    description: 'Cosmos DB answered 429 often. The SDK retries, so callers see latency first: raise the limit or look for a hot stream.'
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
    description: 'One physical partition used more than 90 % of its share for 15 minutes.'
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
          // Each partition separately: the average of all would hide a hot one among idle ones.
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

// HTTP requests as the host sees them; our own spans of consumers are rows of this table too. An answer 4xx is a client's mistake or a rejected
// command; the metric requests/failed counts those as well, so it is not used.
var requests = 'AppRequests | where Url startswith \'http\''
var failed = 'Success == false and not(ResultCode startswith \'4\')'

// The exporter writes our metrics to the table AppMetrics, under the names in docs/operations.md.
var gauge = 'AppMetrics | where Name == \'{0}\' | extend Consumer = tostring(Properties[\'serverless.consumer.name\']) | summarize Value = max(Max) by bin(TimeGenerated, 5m), Consumer'

// Every instance reports the gauges. The maximum of each five minutes counts, so an instance that knows less hides nothing; and all three
// bins of the window have to be above the threshold, so a burst that is worked off wakes nobody.
var gaugeRule = {
  measure: 'Value'
  aggregation: 'Minimum'
  operator: 'GreaterThan'
  dimensions: ['Consumer']
  window: 'PT15M'
  frequency: 'PT5M'
}

var alwaysRules = [
  {
    name: 'failures'
    severity: 1
    description: 'HTTP functions failed: they threw, or answered 5xx.'
    query: '${requests} and ${failed} | project TimeGenerated, ItemCount'
    measure: 'ItemCount'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: failuresPer15Minutes
    dimensions: []
    window: 'PT15M'
    frequency: 'PT5M'
  }
  {
    // Beside the count: with little traffic a total outage never reaches the count, and with much traffic the count means nothing.
    name: 'failure-ratio'
    severity: 1
    description: 'A large part of all requests failed: they threw, or were answered with 5xx. At least ten requests in 15 minutes count.'
    query: '${requests} | summarize Failed = sumif(ItemCount, ${failed}), Requests = sum(ItemCount) by bin(TimeGenerated, 15m) | where Requests >= 10 | project TimeGenerated, Percent = 100.0 * Failed / Requests'
    measure: 'Percent'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: failedPercent
    dimensions: []
    window: 'PT15M'
    frequency: 'PT5M'
  }
  {
    // The worker's span of an invocation is internal, so a change-feed function that throws is no failed request. Metrics are not sampled either.
    name: 'consumer-failures'
    severity: 1
    description: 'A consumer failed again and again. Its views are out of date until it succeeds or parks the stream. The error is at /api/manage/consumers.'
    query: 'AppMetrics | where Name == \'serverless.consumer.failures\' | extend Consumer = tostring(Properties[\'serverless.consumer.name\']) | project TimeGenerated, Consumer, Failures = Sum'
    measure: 'Failures'
    aggregation: 'Total'
    operator: 'GreaterThan'
    threshold: failuresPer15Minutes
    dimensions: ['Consumer']
    window: 'PT15M'
    frequency: 'PT5M'
  }
  {
    ...gaugeRule
    name: 'lag'
    severity: 2
    description: 'A consumer is behind: its views are out of date. See which one, and since when, at /api/manage/consumers.'
    query: format(gauge, 'serverless.consumer.lag_time')
    threshold: lagSeconds
  }
  {
    ...gaugeRule
    name: 'stuck'
    severity: 1
    description: 'A consumer keeps failing at the same place, or stopped because too many streams are parked. The error is at /api/manage/consumers.'
    query: format(gauge, 'serverless.consumer.stuck')
    threshold: 0
  }
  {
    ...gaugeRule
    name: 'parked'
    severity: 3
    description: 'A stream could not be processed and waits, while others go on. Fix the code and retry it, or discard it, at /api/manage/consumers.'
    query: format(gauge, 'serverless.consumer.parked_streams')
    threshold: 0
  }
  {
    // The service logs the size of the largest logical partitions, of 1 GB and more, as PartitionKeyStatistics: see cosmos-account.bicep.
    name: 'full-partition'
    severity: 2
    description: 'A logical partition approaches the 20 GB that Cosmos DB allows; at 20 GB, writes to it fail. See docs/scale.md.'
    query: 'CDBPartitionKeyStatistics | project TimeGenerated, CollectionName, PartitionKey, Gigabytes = SizeKb / 1048576.0'
    measure: 'Gigabytes'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: 14 // Closing a stream or splitting a total takes time.
    dimensions: ['CollectionName', 'PartitionKey']
    window: 'P1D'
    frequency: 'PT1H'
  }
  {
    // The workspace still writes its own operations after the limit is reached.
    name: 'log-cap'
    severity: 1
    description: 'The workspace reached its daily limit: no logs until it resets, so no alert that reads them can fire. Raise logDailyCapGb or sample fewer traces.'
    query: '_LogOperation | where Category =~ \'Ingestion\' and Detail contains \'OverQuota\' | project TimeGenerated'
    measure: ''
    aggregation: 'Count'
    operator: 'GreaterThan'
    threshold: 0
    dimensions: []
    window: 'PT15M'
    frequency: 'PT5M'
  }
]

// Gauges are measured every minute by every instance, so none in a quarter of an hour means: no instance, no database, or no telemetry.
var silenceRule = {
  name: 'silent'
  severity: 1
  description: 'The app has sent no telemetry for 15 minutes. Look at the availability test first: if that is green, only telemetry is lost.'
  query: 'AppMetrics | where Name == \'serverless.consumer.lag_time\' | project TimeGenerated'
  measure: ''
  aggregation: 'Count'
  operator: 'LessThan'
  threshold: 1
  dimensions: []
  window: 'PT15M'
  frequency: 'PT5M'
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in concat(alwaysRules, expectData ? [silenceRule] : []): {
    name: 'alert-${rule.name}-${nameSuffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'alert-${rule.name}-${nameSuffix}'
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      // The workspace may be new and without tables, which validation would refuse. A test reads the queries instead.
      skipQueryValidation: true
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      criteria: {
        allOf: [
          {
            query: rule.query
            ...(empty(rule.measure) ? {} : { metricMeasureColumn: rule.measure })
            timeAggregation: rule.aggregation
            dimensions: map(rule.dimensions, name => { name: name, operator: 'Include', values: ['*'] })
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      autoMitigate: true
      actions: empty(emails) ? {} : { actionGroups: [people.id] }
    }
  }
]
