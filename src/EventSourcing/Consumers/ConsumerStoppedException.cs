namespace Serverless.EventSourcing;

/// <summary>A consumer that refuses to go on, rather than having trouble with its store. The batch is not acknowledged.</summary>
public abstract class ConsumerStoppedException(string message) : DeliverAgainException(message);
