#include "model/layer_names.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <string>

#include "base/text.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

/// "net.0.weight [256,784]", not too long for a message.
std::string describe(const FloatTensor& tensor) {
  constexpr std::size_t kLongest = 60;
  const std::string& name = tensor.name;
  return fmt::format("{} [{}]", name.size() <= kLongest ? name : name.substr(0, kLongest) + "...",
                     fmt::join(tensor.shape, ","));
}

std::string describe_all(const TensorFile& file) {
  constexpr std::size_t kMost = 6;
  std::vector<std::string> names;
  for (const FloatTensor& tensor : file.tensors) names.push_back(describe(tensor));
  return names.empty() ? "no tensors" : first_of(names, kMost);
}

struct Layer {
  FloatTensor* weight = nullptr;
  FloatTensor* bias = nullptr;

  std::int64_t outputs() const { return weight->shape[0]; }
  std::int64_t inputs() const { return weight->shape[1]; }
};

/// Layers whose names differ in numbers only, by their names, in which each number has been padded
/// so that the order is that of the numbers.
using Series = std::map<std::string, Layer>;

bool is_digit(char letter) { return std::isdigit(static_cast<unsigned char>(letter)) != 0; }

struct NameParts {
  std::string form;    ///< the name with "#" for each number
  std::string sorted;  ///< the name with padded numbers
};

NameParts parts_of(const std::string& name) {
  constexpr std::size_t kPadded = 20;
  NameParts parts;
  for (std::size_t at = 0; at < name.size();) {
    std::size_t end = at;
    while (end < name.size() && is_digit(name[end])) ++end;
    if (end == at) {
      parts.form += name[at];
      parts.sorted += name[at++];
      continue;
    }
    parts.form += '#';
    parts.sorted += std::string(kPadded - std::min(kPadded, end - at), '0');
    parts.sorted += name.substr(at, end - at);
    at = end;
  }
  return parts;
}

/// What does not belong to a layer, as in "fc1.weight [256,784] without a bias", and what helps.
struct Problem {
  std::string found;  ///< empty if there is none
  std::string remedy;
};

[[noreturn]] void refuse_layers(const TensorFile& file, const Problem& problem) {
  refuse(
      {file.source.name, problem.remedy},
      "expected a weight [outputs,inputs] and a bias [outputs] for each layer, found {} among {}",
      problem.found, describe_all(file));
}

Problem problem_of(const Layer& layer) {
  if (layer.bias == nullptr) {
    return {describe(*layer.weight) + " without a bias", "save it with a bias, which may be zeros"};
  }
  if (layer.weight == nullptr) {
    return {describe(*layer.bias) + " without a weight", "save the whole network"};
  }
  const std::int64_t outputs = layer.bias->shape[0];
  if (outputs == layer.outputs()) return {};
  if (outputs == layer.inputs()) {
    return {describe(*layer.weight) + " with " + describe(*layer.bias), "transpose the weights"};
  }
  return {describe(*layer.weight) + " with " + describe(*layer.bias),
          "save the weight and the bias of the same layer"};
}

/// All layers of the file, in a series for each form of name. Throws if a tensor belongs to none.
std::vector<Series> find_layers(TensorFile& file) {
  std::map<std::string, Series> found;
  for (FloatTensor& tensor : file.tensors) {
    const std::size_t dot = tensor.name.rfind('.');
    const bool has_path = dot != std::string::npos;
    const std::string role = has_path ? tensor.name.substr(dot + 1) : tensor.name;
    const NameParts path = parts_of(has_path ? tensor.name.substr(0, dot) : "");
    Layer& layer = found[path.form][path.sorted];
    FloatTensor*& place = role == "weight" ? layer.weight : layer.bias;
    const std::size_t dimensions = role == "weight" ? 2 : role == "bias" ? 1 : 0;
    if (dimensions == 0 || tensor.shape.size() != dimensions || tensor.values.empty() ||
        place != nullptr) {
      refuse_layers(file, {describe(tensor), "save nothing but the weights of linear layers"});
    }
    place = &tensor;
  }
  std::vector<Series> all;
  for (const auto& [form, series] : found) {
    for (const auto& [name, layer] : series) {
      const Problem problem = problem_of(layer);
      if (!problem.found.empty()) refuse_layers(file, problem);
    }
    all.push_back(series);
  }
  return all;
}

/// Looks for orders of all layers in which each takes the outputs of the one before, from the
/// pixels to the digits, and in which no series is out of its own order.
class OrderSearch {
 public:
  explicit OrderSearch(const std::vector<Series>& all) {
    for (const Series& series : all) {
      left_.push_back({series.begin(), series.end()});
      layers_ += series.size();
    }
    extend(kPixels);
  }

  const std::vector<Layer>& first() const { return first_; }
  bool is_unique() const { return found_ == 1 && steps_ < kMostSteps; }
  bool has_none() const { return found_ == 0 && steps_ < kMostSteps; }

 private:
  static constexpr int kMostSteps = 10000;  // no network that people have needs as many

  void extend(std::int64_t width) {
    if (chain_.size() == layers_) {
      if (width == kDigits && ++found_ == 1) first_ = chain_;
      return;
    }
    for (auto& [next, end] : left_) {
      if (found_ > 1 || ++steps_ >= kMostSteps) return;
      if (next == end || next->second.inputs() != width) continue;
      chain_.push_back(next->second);
      const auto before = next++;
      extend(before->second.outputs());
      next = before;
      chain_.pop_back();
    }
  }

  struct Rest {
    Series::const_iterator next;
    Series::const_iterator end;
  };
  std::vector<Rest> left_;  // what no layer of the chain is, of each series
  std::size_t layers_ = 0;
  std::vector<Layer> chain_;
  std::vector<Layer> first_;
  int found_ = 0;
  int steps_ = 0;
};

}  // namespace

std::vector<std::int64_t> name_layers(TensorFile& file) {
  const std::vector<Series> all = find_layers(file);
  const OrderSearch search(all);
  if (!search.is_unique()) {
    const bool has_none = search.has_none();
    refuse({file.source.name,
            has_none
                ? "save one network of linear layers for images of 28 x 28 pixels and ten digits, "
                  "and nothing else"
                : "number the layers in their order"},
           "expected layers that lead from 784 inputs to 10 outputs in one order, found {}: {}",
           has_none ? "none" : "several", describe_all(file));
  }
  std::vector<std::int64_t> widths;
  for (const Layer& layer : search.first()) {
    widths.push_back(layer.outputs());
    layer.weight->name = fmt::format("fc{}.weight", widths.size());
    layer.bias->name = fmt::format("fc{}.bias", widths.size());
  }
  widths.pop_back();
  return widths;
}

}  // namespace mnist
