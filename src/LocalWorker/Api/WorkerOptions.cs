using Azure.Core.Serialization;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Settings of the worker that function code may change.</summary>
public class WorkerOptions
{
    /// <summary>Reads and writes JSON for functions. By default System.Text.Json, blind to the case of property names.</summary>
    public ObjectSerializer? Serializer { get; set; }
}
