#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace bncollapse::fuzz {

/// Changes JSON documents in ways that leave them JSON: bytes changed at random seldom get past the parser.
class JsonMutator {
 public:
  using Json = nlohmann::ordered_json;

  /// @param words  keys and texts to use
  explicit JsonMutator(std::vector<std::string> words) : words_(std::move(words)) {}

  /// The size of the document that stands in `data` now.
  std::size_t operator()(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
    random_.seed(seed);
    if (below(8) > 0) {
      Json document = Json::parse(data, data + size, nullptr, false);
      if (!document.is_discarded()) {
        for (std::size_t changes = 1 + below(3); changes > 0; --changes) change(document);
        const std::string text = document.dump(-1, ' ', false, Json::error_handler_t::replace);
        if (text.size() <= max_size) {
          std::memcpy(data, text.data(), text.size());
          return text.size();
        }
      }
    }
    return LLVMFuzzerMutate(data, size, max_size);
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }

  static void collect(Json& node, std::vector<Json*>& nodes) {
    nodes.push_back(&node);
    if (!node.is_structured()) return;
    for (Json& child : node) collect(child, nodes);
  }

  std::string word() { return words_[below(words_.size())]; }

  Json scalar() {
    static const std::vector<Json> values{nullptr,   true,      false,     0,
                                          1,         -1,        2,         3,
                                          0.5,       -0.0,      1e-17,     5e-324,
                                          1e-300,    1e17,      1e300,     1.7976931348623157e308,
                                          -1e300,    100000,    1e6,       INT32_MAX,
                                          INT32_MIN, INT64_MAX, INT64_MIN, UINT64_MAX,
                                          1e19,      "",        1LL << 53, (1LL << 53) + 1};
    return below(3) > 0 ? values[below(values.size())] : Json(word());
  }

  void change_value(Json& node, const Json& other) {
    switch (below(4)) {
      case 0:
        node = other;
        break;
      case 1:
        if (node.is_number()) {
          constexpr double factors[]{10, 0.1, -1, 2, 1.0000000000000002, 1e10, 1e-10};
          node = node.get<double>() * factors[below(std::size(factors))];
          break;
        }
        [[fallthrough]];
      default:
        node = scalar();
    }
  }

  void change_members(Json& node, const Json& other) {
    const Json value = below(2) == 0 ? scalar() : other;
    if (node.is_array()) {
      const auto place = static_cast<std::ptrdiff_t>(below(node.size() + 1));
      if (below(2) == 0 || node.empty())
        node.insert(node.begin() + place, value);
      else
        node.erase(below(node.size()));
      return;
    }
    if (below(2) == 0 || node.empty()) {
      node[word()] = value;
      return;
    }
    auto member = node.begin();
    std::advance(member, static_cast<std::ptrdiff_t>(below(node.size())));
    const Json renamed = member.value();
    node.erase(member.key());
    if (below(2) == 0) node[word()] = renamed;
  }

  void change(Json& document) {
    std::vector<Json*> nodes;
    collect(document, nodes);
    const Json other = *nodes[below(nodes.size())];
    Json& node = *nodes[below(nodes.size())];
    if (node.is_structured() && below(4) > 0)
      change_members(node, other);
    else if (&node != &document)
      change_value(node, other);
  }

  std::vector<std::string> words_;
  std::minstd_rand random_;
};

}  // namespace bncollapse::fuzz
