// The shapes that main.bicep and its modules pass to each other.

@export()
@discriminator('mode')
@description('How request units are billed: per request (serverless), or by a limit that scales down to a tenth of itself (autoscale).')
type CapacityType = ServerlessCapacity | AutoscaleCapacity | ConvertedCapacity

@description('Billed per request. One region, and 5,000 RU/s for each physical partition of a container: cheapest until the load is steady.')
type ServerlessCapacity = {
  mode: 'serverless'
}

@description('An account that was serverless and was converted. Its containers keep the throughput that they have: the template sets none.')
type ConvertedCapacity = {
  mode: 'converted'
}

@description('For a new account. Limits are set when the database and its containers are created.')
type AutoscaleCapacity = {
  mode: 'autoscale'

  @minValue(1000)
  @description('Limit in RU/s shared by all containers without a limit of their own. A multiple of 1,000.')
  sharedMaxRequestUnits: int

  @description('Containers with a limit of their own, for instance { events: 4000 }. Multiples of 1,000. A name that is not in containers.json has no effect.')
  dedicatedMaxRequestUnits: { *: int }?
}

@export()
@description('Names and addresses of everything in a virtual network; null where the app talks over public endpoints.')
type NetworkType = {
  @description('Resource id of the subnet that the function app sends its traffic through.')
  appSubnetId: string

  @description('Resource id of the subnet that holds the private endpoints.')
  endpointSubnetId: string

  @description('Resource ids of the private DNS zones by private link group.')
  zoneIds: {
    Sql: string
    blob: string
    table: string
    vault: string
  }
}
