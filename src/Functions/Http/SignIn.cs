using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Functions.Http;

/// <summary>
/// Management without a key, for people whom App Service has signed in: <c>ManagementSignIn=true</c>. The host then asks for no key below
/// <c>manage/</c>, and this code refuses whoever is neither signed in nor has a key. A browser sends the cookie of a person who is signed in with the
/// request of any page, so whatever changes something must come from a page of this app.
/// </summary>
internal sealed class SignIn(IConfiguration configuration, Caller caller)
{
    public const string Setting = "ManagementSignIn";

    /// <summary>The console sends it. A form of another site can't, and a script of another site has to ask first.</summary>
    private const string OwnHeader = "x-requested-with";

    public bool IsOn { get; } = IsOnIn(configuration);

    public static bool IsOnIn(IConfiguration configuration) => configuration.GetValue(Setting, defaultValue: false);

    /// <exception cref="InvalidOperationException">It is on, and nobody signs in.</exception>
    public void CheckSettings()
    {
        if (IsOn && !caller.TrustsPrincipal)
        {
            throw new InvalidOperationException(
                $"The setting {Setting} opens management to people whom App Service has signed in, but its authentication is off. Turn it on, or remove the setting.");
        }
    }

    /// <exception cref="ProblemException">Nobody in particular sends this, or another site does in somebody's name.</exception>
    public void Check(HttpRequestData request)
    {
        if (!IsOn)
        {
            return;
        }
        string sender = caller.Of(request).Id;
        if (sender == Caller.Anonymous)
        {
            throw Forbidden("Sign in, or send a function key.");
        }
        if (request.Method is "GET" or "HEAD" || !sender.StartsWith(Caller.UserPrefix, StringComparison.Ordinal))
        {
            return;
        }
        bool isJson = request.Header("Content-Type")?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true;
        // Not the scheme: TLS may end before the app.
        bool isOwn = Uri.TryCreate(request.Header("Origin"), UriKind.Absolute, out Uri? origin) && origin.Authority == request.Url.Authority;
        if (!isJson || !isOwn || request.Header(OwnHeader) is null)
        {
            throw Forbidden($"A change by somebody who is signed in is sent as application/json, with the header {OwnHeader}, from a page of this app.");
        }
    }

    private static ProblemException Forbidden(string detail) => new(new Problem(ProblemKind.Forbidden, detail));
}

/// <summary>Describes the functions below <c>manage/</c> to the host as open: this code checks who calls them.</summary>
internal sealed class SignInMetadata(IFunctionMetadataProvider inner) : IFunctionMetadataProvider
{
    public async Task<ImmutableArray<IFunctionMetadata>> GetFunctionMetadataAsync(string directory)
    {
        ImmutableArray<IFunctionMetadata> functions = await inner.GetFunctionMetadataAsync(directory);
        foreach (IFunctionMetadata function in functions.Where(f => f.Name?.StartsWith(ManagementMiddleware.FunctionPrefix, StringComparison.Ordinal) == true))
        {
            IList<string> bindings = function.RawBindings ?? [];
            for (int i = 0; i < bindings.Count; i++)
            {
                bindings[i] = Open(bindings[i]);
            }
        }
        return functions;
    }

    /// <summary>In place of the one that the worker's generator has registered.</summary>
    public static void Decorate(IServiceCollection services)
    {
        ServiceDescriptor generated = services.LastOrDefault(d => d.ServiceType == typeof(IFunctionMetadataProvider))
            ?? throw new InvalidOperationException("The functions of the app are not known yet: create the builder with FunctionsApplication.CreateBuilder.");
        services.AddSingleton<IFunctionMetadataProvider>(provider => new SignInMetadata((IFunctionMetadataProvider)(
            generated.ImplementationInstance ?? generated.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, generated.ImplementationType!))));
    }

    private static string Open(string binding)
    {
        JsonObject json = JsonNode.Parse(binding)!.AsObject();
        if ((string?)json["type"] == "httpTrigger")
        {
            json["authLevel"] = "Anonymous";
        }
        return json.ToJsonString();
    }
}
