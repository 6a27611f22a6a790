#include "model/layer_names.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <string>

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
  const std::size_t shown = std::min(kMost, file.tensors.size());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < shown; ++i) names.push_back(describe(file.tensors[i]));
  std::string list = names.empty() ? "no tensors" : fmt::format("{}", fmt::join(names, ", "));
  if (shown < file.tensors.size()) list += fmt::format(" and {} more", file.tensors.size() - shown);
  return list;
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

/// "fc1.weight [256,784] without a bias"; empty if the two fit.
std::string problem_of(const Layer& layer) {
  if (layer.bias == nullptr) return describe(*layer.weight) + " without a bias";
  if (layer.weight == nullptr) return describe(*layer.bias) + " without a weight";
  const std::int64_t outputs = layer.bias->shape[0];
  if (outputs == layer.outputs()) return "";
  return fmt::format("{}{} with {}", describe(*layer.weight),
                     outputs == layer.inputs() ? " (transposed)" : "", describe(*layer.bias));
}

/// All layers of the file, in a series for each form of name. Throws if a tensor belongs to none.
std::vector<Series> find_layers(TensorFile& file) {
  constexpr const char* kExpected =
      "expected a weight [outputs,inputs] and a bias [outputs] for each layer, found {} among {}";
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
      refuse(file.source, kExpected, describe(tensor), describe_all(file));
    }
    place = &tensor;
  }
  std::vector<Series> all;
  for (const auto& [form, series] : found) {
    for (const auto& [name, layer] : series) {
      const std::string problem = problem_of(layer);
      if (!problem.empty()) refuse(file.source, kExpected, problem, describe_all(file));
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
    refuse(file.source,
           "expected layers that lead from 784 inputs to 10 outputs in one order, found {}: {}",
           search.has_none() ? "none" : "several", describe_all(file));
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
