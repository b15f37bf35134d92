#include <fstream>
#include <nlohmann/json.hpp>

#include "commands.h"

namespace nairi::cli {
namespace {

using Json = nlohmann::ordered_json;

// The objects as the API sent them.
template <typename T>
Json raw_array(const std::vector<T>& items) {
  Json array = Json::array();
  for (const T& item : items) array.push_back(Json::parse(item.raw_json));
  return array;
}

// All items in one array with --json, else a line for each.
template <typename T, typename Line>
int list(const Result<std::vector<T>>& items, const Output& output, Line line) {
  if (!items) return output.fail(items.error());
  if (output.json) {
    output.print(raw_array(*items));
  } else {
    for (const T& item : *items) output.out << harmless(line(item)) << '\n';
  }
  return kGood;
}

Result<std::vector<Conversation>> read_pages(const Client& client,
                                             const ConversationsArguments& arguments,
                                             const Output& output) {
  std::vector<Conversation> found;
  if (arguments.all) {
    const auto keep = [&](const Conversation& conversation) {
      found.push_back(conversation);
      return true;
    };
    return client.walk_conversations(arguments.agent, arguments.query, keep).map([&] {
      return std::move(found);
    });
  }
  return client.conversations(arguments.agent, arguments.query).map([&](ConversationPage page) {
    if (page.next_cursor) {
      output.err << "next page: --cursor " << harmless_line(*page.next_cursor) << '\n';
    }
    return std::move(page.conversations);
  });
}

}  // namespace

int agents(const Client& client, const Output& output) {
  return list(client.agents(), output, [](const Agent& agent) {
    return agent.agent_id + "\t" + agent.id + "\t" + agent.name;
  });
}

int messages(const Client& client, const MessagesArguments& arguments, const Output& output) {
  auto timeline = client.messages(arguments.job);
  if (timeline && !arguments.all) timeline = visible(*timeline);
  return list(timeline, output, [](const Message& message) {
    const bool is_progress = message.role == role::kProgress;
    return message.created_at + "  " + message.role + " (" + message.status +
           "): " + (is_progress ? describe(message) : message.content);
  });
}

void hint_at_agents(const Client& client, const std::string& agent, const Error& error,
                    const Output& output) {
  if (error.status != 404) return;
  const auto agents = client.agents();
  if (!agents) return;
  std::vector<std::string> names;
  for (const Agent& known : *agents) {
    if (known.agent_id == agent || known.id == agent) return;  // something else was not found
    names.push_back(known.agent_id);
  }
  output.err << "nairi: there is no agent " << harmless_line(agent)
             << harmless_line(suggestion(agent, names)) << " (nairi agents lists them)\n";
}

int conversations(const Client& client, const ConversationsArguments& arguments,
                  const Output& output) {
  const auto found = read_pages(client, arguments, output);
  if (!found) hint_at_agents(client, arguments.agent, found.error(), output);
  return list(found, output, [](const Conversation& conversation) {
    return conversation.id + "\t" + conversation.status + "\t" + conversation.updated_at;
  });
}

int attachment(const Client& client, const AttachmentArguments& arguments, const Output& output) {
  const auto found = client.attachment(arguments.id);
  if (!found) return output.fail(found.error());
  if (arguments.output == "-") {
    output.out << found->data << std::flush;
    return kGood;
  }
  std::ofstream file(arguments.output, std::ios::binary | std::ios::trunc);
  file << found->data << std::flush;
  if (!file) {
    output.err << "nairi: can't write " << arguments.output << '\n';
    return kUsage;
  }
  if (output.json) {
    output.print({{"id", found->id},
                  {"filename", found->filename},
                  {"bytes", found->data.size()},
                  {"path", arguments.output}});
  } else {
    output.err << harmless_line(found->filename) << ", " << found->data.size() << " bytes, to "
               << arguments.output << '\n';
  }
  return kGood;
}

}  // namespace nairi::cli
