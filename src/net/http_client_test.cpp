#include "net/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

namespace merlon::net {
namespace {

// Answers the connections that come with these texts, in turn, and keeps what was asked. An empty
// text is never answered.
class Server {
  public:
    explicit Server(std::vector<std::string> answers) : answers_(std::move(answers)) {
        listener_ = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(listen(listener_, 16), 0);
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() { stop(); }

    std::string url(std::string_view path) const {
        return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
    }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    const std::vector<std::string>& stop() {
        if (thread_.joinable()) {
            shutdown(listener_, SHUT_RDWR);
            thread_.join();
            close(listener_);
        }
        return asked_;
    }

  private:
    void serve() {
        for (const std::string& answer : answers_) {
            const int peer = accept(listener_, nullptr, nullptr);
            if (peer < 0) return;
            std::string request;
            char buffer[4096];
            while (request.find("\r\n\r\n") == std::string::npos) {
                const ssize_t count = recv(peer, buffer, sizeof buffer, 0);
                if (count <= 0) break;
                request.append(buffer, static_cast<std::size_t>(count));
            }
            asked_.push_back(request);
            // Unanswered until the client goes.
            if (answer.empty()) (void)recv(peer, buffer, sizeof buffer, 0);
            (void)!send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
            close(peer);
        }
    }

    std::vector<std::string> answers_;
    std::vector<std::string> asked_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

std::string answer(std::string_view status, std::string_view fields, std::string_view body) {
    return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(fields) +
           "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

HttpSettings settings_with_proxy(const std::string& proxy) {
    HttpSettings settings;
    settings.variable = [proxy](const std::string& name) {
        return name == "http_proxy" || name == "https_proxy" ? std::optional(proxy) : std::nullopt;
    };
    return settings;
}

TEST(HttpClient, follows_redirects_and_drops_credentials_where_the_host_changes) {
    Server other({answer("200 OK", "", "there")});
    Server first({answer("302 Found", "Location: /next\r\n", ""),
                  answer("301 Moved", "Location: " + other.url("/there") + "\r\n", "")});
    HttpClient client({});
    std::string url = first.url("/begin");
    url.insert(url.find("//") + 2, "me:word@");
    HttpRequest request;
    request.url = url;
    request.fields = {{"cookie", "a=b"}, {"accept", "x/y"}};
    std::string body;
    const auto got = client.perform(request, {{}, [&](std::string_view part) {
                                                  body += part;
                                                  return Status();
                                              }});
    ASSERT_TRUE(got.ok()) << got.error().to_string();
    EXPECT_EQ(body, "there");
    EXPECT_EQ(got.value().url, other.url("/there"));
    const auto& asked = first.stop();
    ASSERT_EQ(asked.size(), 2u);
    EXPECT_TRUE(asked[1].starts_with("GET /next HTTP/1.1\r\n"));
    EXPECT_NE(asked[1].find("authorization: Basic bWU6d29yZA=="), std::string::npos);
    EXPECT_NE(asked[1].find("cookie: a=b"), std::string::npos);
    EXPECT_EQ(other.stop()[0].find("authorization"), std::string::npos);
    EXPECT_EQ(other.stop()[0].find("cookie"), std::string::npos);
    EXPECT_NE(other.stop()[0].find("accept: x/y"), std::string::npos);
}

TEST(HttpClient, a_redirect_of_head_stays_head_and_drops_the_body) {
    Server server({answer("302 Found", "Location: /next\r\n", ""), answer("200 OK", "", "")});
    HttpClient client({});
    HttpRequest request;
    request.method = "HEAD";
    request.url = server.url("/");
    request.body = "some";
    const auto got = client.perform(request, {{}, [](std::string_view) { return Status(); }});
    ASSERT_TRUE(got.ok()) << got.error().to_string();
    const auto& asked = server.stop();
    ASSERT_EQ(asked.size(), 2u);
    EXPECT_TRUE(asked[1].starts_with("HEAD /next HTTP/1.1\r\n")) << asked[1];
    EXPECT_EQ(asked[1].find("content-length: 4"), std::string::npos) << asked[1];
}

TEST(HttpClient, ends_a_circle_of_redirects) {
    Server server(std::vector<std::string>(20, answer("302 Found", "Location: /\r\n", "")));
    HttpClient client({});
    const auto got = client.get(server.url("/"), 10);
    ASSERT_FALSE(got.ok());
    EXPECT_NE(got.error().message.find("more than 10 redirects"), std::string::npos);
    EXPECT_EQ(server.stop().size(), 11u);
}

TEST(HttpClient, bounds_the_body_whether_its_length_is_said_or_not) {
    Server server({answer("200 OK", "", std::string(100, 'a')),
                   "HTTP/1.1 200 OK\r\n\r\n" + std::string(100, 'a')});
    HttpSettings settings;
    settings.max_body_bytes = 50;
    HttpClient client(settings);
    EXPECT_FALSE(client.get(server.url("/"), 1000).ok());
    EXPECT_FALSE(client.get(server.url("/"), 1000).ok());
}

TEST(HttpClient, tells_a_proxy_the_whole_address_and_its_credentials) {
    Server proxy(
        {answer("200 OK", "", "through"), answer("407 No", "", ""), answer("407 No", "", "")});
    HttpClient client(settings_with_proxy("http://me:word@" + proxy.address()));
    EXPECT_EQ(client.get("http://no.such.host.example/a", 100).value(), "through");
    const auto refused = client.get("http://no.such.host.example/a", 100);
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().message.find("wants credentials"), std::string::npos);
    const auto tunnel = client.get("https://no.such.host.example/a", 100);
    ASSERT_FALSE(tunnel.ok());
    EXPECT_NE(tunnel.error().message.find("opens no way to no.such.host.example:443: 407"),
              std::string::npos);
    EXPECT_EQ(tunnel.error().to_string().find("word"), std::string::npos);
    const auto& asked = proxy.stop();
    EXPECT_TRUE(asked[0].starts_with("GET http://no.such.host.example/a HTTP/1.1\r\n"));
    EXPECT_NE(asked[0].find("proxy-authorization: Basic bWU6d29yZA=="), std::string::npos);
    EXPECT_TRUE(asked[2].starts_with("CONNECT no.such.host.example:443 HTTP/1.1\r\n"));
}

TEST(HttpClient, says_which_host_cannot_be_reached) {
    std::uint16_t port = 0;
    {
        Server server({});
        port = parse_http_url(server.url("/")).value().port;
    }
    HttpClient client({});
    const auto got = client.get("http://127.0.0.1:" + std::to_string(port) + "/", 10);
    ASSERT_FALSE(got.ok());
    EXPECT_NE(got.error().message.find("127.0.0.1 port " + std::to_string(port)),
              std::string::npos);
    EXPECT_NE(got.error().message.find("cannot be reached"), std::string::npos);
}

TEST(HttpClient, gives_up_where_nothing_comes) {
    Server server({""});
    HttpSettings settings;
    settings.timeouts.idle = std::chrono::milliseconds(1);
    HttpClient client(settings);
    const auto got = client.get(server.url("/"), 10);
    ASSERT_FALSE(got.ok());
    EXPECT_NE(got.error().to_string().find("nothing came in time"), std::string::npos);
}

TEST(HttpClient, stops_when_it_is_cancelled) {
    Server server({""});
    CancelToken cancel;
    cancel.cancel();
    HttpSettings settings;
    settings.cancel = &cancel;
    HttpClient client(settings);
    const auto got = client.get(server.url("/"), 10);
    ASSERT_FALSE(got.ok());
    EXPECT_NE(got.error().to_string().find("cancelled"), std::string::npos);
}

TEST(HttpClient, takes_a_cut_body_for_an_error) {
    Server server({"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive."});
    HttpClient client({});
    const auto got = client.get(server.url("/"), 100);
    ASSERT_FALSE(got.ok());
    EXPECT_NE(got.error().message.find("5 bytes too early"), std::string::npos);
}

TEST(HttpClient, sends_nothing_that_would_be_another_request) {
    Server server({answer("200 OK", "", "x")});
    HttpClient client({});
    HttpRequest request;
    request.url = server.url("/");
    for (const HeaderField& field : {HeaderField{"a", "b\r\nc: d"}, HeaderField{"a b", "c"},
                                     HeaderField{"", "c"}, HeaderField{"content-length", "9"}}) {
        request.fields = {field};
        EXPECT_FALSE(client.perform(request, {}).ok()) << field.name;
    }
    request.fields.clear();
    for (const std::string_view method : {"", "GET\r\nc: d", "GET /"}) {
        request.method = method;
        EXPECT_FALSE(client.perform(request, {}).ok()) << method;
    }
    EXPECT_TRUE(server.stop().empty());
}

}  // namespace
}  // namespace merlon::net
