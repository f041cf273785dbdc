using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

internal static class BatchExecution
{
    extension(TransactionalBatch batch)
    {
        /// <exception cref="ContainerMissingException">There is no such container or database.</exception>
        public async Task<TransactionalBatchResponse> ExecuteInAsync(Container container, CancellationToken cancellationToken)
        {
            try
            {
                return await batch.ExecuteAsync(cancellationToken);
            }
            catch (CosmosException e) when (CosmosFault.IsMissingContainer(e))
            {
                throw CosmosFault.Of(e, container);
            }
        }
    }
}
