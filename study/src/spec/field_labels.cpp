#include <string>

#include "bncollapse/study/spec.hpp"
#include "schema/field_schema.hpp"
#include "spec/network_spec.hpp"
#include "spec/neuron_spec.hpp"

namespace bncollapse::study {
namespace {

using Kind = FieldSchema::Kind;

Json label_of(const FieldSchema& schema) {
  Json label = Json::object();
  if (!schema.label.empty()) label["label"] = schema.label;
  if (!schema.symbol.empty()) label["symbol"] = schema.symbol;
  for (std::size_t i = 0; i < schema.choice_labels.size(); ++i) {
    if (!schema.choice_labels[i].empty()) label["values"][schema.choices[i]] = schema.choice_labels[i];
  }
  return label;
}

void add_labels(const FieldSchema& object, const std::string& prefix, Json& labels) {
  for (const Field& field : object.fields) {
    const std::string path = prefix + field.name;
    if (Json label = label_of(field.value); !label.empty()) {
      if (!labels.contains(path)) labels[path] = Json::object();
      labels[path].update(label, true);
    }
    if (field.value.kind == Kind::object) add_labels(field.value, path + ".", labels);
    for (const Alternative& alternative : field.value.alternatives)
      add_labels(alternative.value, path + ".", labels);
  }
}

}  // namespace

Json field_labels() {
  Json labels = Json::object();
  add_labels(neuron_schema(), "", labels);
  add_labels(network_schema(), "", labels);
  return labels;
}

}  // namespace bncollapse::study
