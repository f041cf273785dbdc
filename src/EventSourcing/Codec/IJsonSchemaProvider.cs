using System.Text.Json.Nodes;

namespace Serverless.EventSourcing;

/// <summary>
/// A converter that says what its JSON looks like, as a JSON Schema (2020-12): the API description can't work it out, since it sees no more
/// than that there is a converter. A value for <c>examples</c> makes the examples of commands sensible.
/// </summary>
public interface IJsonSchemaProvider
{
    /// <summary>A new object each time; without <c>null</c>, which belongs to the place where the value stands.</summary>
    JsonObject GetJsonSchema();
}
