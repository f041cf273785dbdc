using System.Security.Claims;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Invocation;
using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost.Http;

/// <summary>A request as the worker gets it: header names in lower case, one value per header, the whole body.</summary>
internal static class HttpInvocation
{
    public static InvocationRequest Create(
        HostedFunction function, HttpRequest request, RouteValueDictionary routeValues, ByteString body, ClaimsIdentity? identity)
    {
        HttpMessage message = new() { Method = request.Method, Url = $"{request.Scheme}://{request.Host}{request.Path}{request.QueryString}" };
        foreach ((string name, var values) in request.Headers)
        {
            message.RequestHeaders[name.ToLowerInvariant()] = new() { Value = values.ToString() };
        }
        if (!body.IsEmpty)
        {
            message.Body = new() { Bytes = body };
        }
        if (identity is not null)
        {
            message.Identities.Add(Convert(identity));
        }
        InvocationRequest invocation = new()
        {
            InvocationId = Guid.NewGuid().ToString(),
            Trace = Tracing.Begin(request.Headers.TraceParent, request.Headers.TraceState),
        };
        invocation.Inputs.Add(new Input { Name = function.Trigger.Name, Data = new() { Http = message } });
        AddMetadata(invocation, request, routeValues);
        return invocation;
    }

    private static void AddMetadata(InvocationRequest invocation, HttpRequest request, RouteValueDictionary routeValues)
    {
        Dictionary<string, string> query = request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Dictionary<string, string> headers = request.Headers.ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        Dictionary<string, string> metadata = new(query, StringComparer.OrdinalIgnoreCase)
        {
            ["Query"] = JsonSerializer.Serialize(query),
            ["Headers"] = JsonSerializer.Serialize(headers),
        };
        metadata.Remove("code");
        foreach ((string name, object? value) in routeValues)
        {
            metadata.Remove(name); // The route has the name, so the query does not count, even where the route leaves it out.
            if (value?.ToString() is { } text)
            {
                metadata[name] = text;
            }
        }
        foreach ((string name, string value) in metadata)
        {
            invocation.TriggerMetadata[name] = new() { Text = value };
        }
    }

    // The worker reads both claim types without asking whether they are there.
    private static Identity Convert(ClaimsIdentity identity)
    {
        Identity converted = new()
        {
            AuthenticationType = new() { Value = identity.AuthenticationType ?? "" },
            NameClaimType = new() { Value = identity.NameClaimType },
            RoleClaimType = new() { Value = identity.RoleClaimType },
        };
        converted.Claims.AddRange(identity.Claims.Select(claim => new IdentityClaim { Type = claim.Type, Value = claim.Value }));
        return converted;
    }
}
