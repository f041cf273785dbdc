using System.Security.Claims;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace Serverless.Functions.Tests.Support;

/// <summary>A request with nothing but headers and the identities that the host found, for what only Azure can send.</summary>
internal sealed class BareRequest(params ClaimsIdentity[] identities) : HttpRequestData(new NoContext())
{
    public override Stream Body => Stream.Null;

    public override HttpHeadersCollection Headers { get; } = [];

    public override IReadOnlyCollection<IHttpCookie> Cookies => [];

    public override Uri Url { get; } = new("https://bank.example/api/");

    public override IEnumerable<ClaimsIdentity> Identities { get; } = identities;

    public override string Method => "POST";

    public override HttpResponseData CreateResponse() => throw new NotSupportedException();

    private sealed class NoContext : FunctionContext
    {
        public override string InvocationId => "";

        public override string FunctionId => "";

        public override TraceContext TraceContext => throw new NotSupportedException();

        public override BindingContext BindingContext => throw new NotSupportedException();

        public override RetryContext RetryContext => throw new NotSupportedException();

        public override IServiceProvider InstanceServices { get; set; } = null!;

        public override FunctionDefinition FunctionDefinition => throw new NotSupportedException();

        public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

        public override IInvocationFeatures Features => throw new NotSupportedException();
    }
}
