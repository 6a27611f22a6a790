#include "model/onnx_file.h"

#include <fmt/format.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "mnist_train/error.h"
#include "mnist_train/shape.h"
#include "model/state_dict.h"

namespace mnist {
namespace {

// The oldest version that has all that is needed is read by the most programs. Gemm is still that
// of operator set 13 in the newest sets.
constexpr std::int64_t kIr = 7;
constexpr std::int64_t kOperators = 13;

// The numbers of the fields that are written, by message, as onnx.proto has them.
struct ModelProto {
  enum { kIrVersion = 1, kProducerName = 2, kProducerVersion = 3, kGraph = 7 };
  enum { kOpsetImport = 8, kMetadataProps = 14 };
};
struct OperatorSetIdProto {
  enum { kVersion = 2 };
};
struct StringStringEntryProto {
  enum { kKey = 1, kValue = 2 };
};
struct GraphProto {
  enum { kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12 };
};
struct NodeProto {
  enum { kInput = 1, kOutput = 2, kName = 3, kOpType = 4, kAttribute = 5 };
};
struct AttributeProto {
  enum { kName = 1, kI = 3, kType = 20 };
  static constexpr std::int64_t kInt = 2;  // a value of type
};
struct TensorProto {
  enum { kDims = 1, kDataType = 2, kName = 8, kRawData = 9 };
  static constexpr std::int64_t kFloat = 1;  // a value of data_type
};
struct ValueInfoProto {
  enum { kName = 1, kType = 2, kDocString = 3 };
};
struct TypeProto {
  enum { kTensorType = 1 };
};
struct TensorTypeProto {
  enum { kElemType = 1, kShape = 2 };
};
struct TensorShapeProto {
  enum { kDim = 1 };
};
struct DimensionProto {
  enum { kDimValue = 1, kDimParam = 2 };
};

/// A message of Protocol Buffers. Its fields are added in the order of their numbers.
class Message {
 public:
  Message& add(int field, std::int64_t number) {
    add_key(field, kVarint);
    add_varint(static_cast<std::uint64_t>(number));
    return *this;
  }

  Message& add(int field, std::string_view bytes) {
    add_key(field, kLengthDelimited);
    add_varint(bytes.size());
    bytes_ += bytes;
    return *this;
  }

  Message& add(int field, const Message& message) { return add(field, message.bytes_); }

  const std::string& bytes() const { return bytes_; }

 private:
  enum WireType : unsigned { kVarint = 0, kLengthDelimited = 2 };

  void add_key(int field, WireType wire_type) {
    add_varint(static_cast<unsigned>(field) << 3 | wire_type);
  }

  /// Seven bits a byte, the lowest first; the highest bit of a byte says that more follow.
  void add_varint(std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) bytes_ += static_cast<char>((number & 0x7f) | 0x80);
    bytes_ += static_cast<char>(number);
  }

  std::string bytes_;
};

Message node_of(std::string_view type, const std::string& name,
                const std::vector<std::string>& inputs, const std::string& output) {
  Message node;
  for (const std::string& input : inputs) node.add(NodeProto::kInput, input);
  node.add(NodeProto::kOutput, output).add(NodeProto::kName, name).add(NodeProto::kOpType, type);
  return node;
}

/// input * weight^T + bias: Gemm transposes the weight, which is [outputs,inputs] as in PyTorch.
Message linear_node(const std::string& layer, const std::string& input, const std::string& output) {
  Message transpose;
  transpose.add(AttributeProto::kName, "transB")
      .add(AttributeProto::kI, 1)
      .add(AttributeProto::kType, AttributeProto::kInt);
  return node_of("Gemm", layer, {input, layer + ".weight", layer + ".bias"}, output)
      .add(NodeProto::kAttribute, transpose);
}

Message tensor_of(const FloatTensor& tensor) {
  static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");
  Message message;
  for (const std::int64_t length : tensor.shape) message.add(TensorProto::kDims, length);
  return message.add(TensorProto::kDataType, TensorProto::kFloat)
      .add(TensorProto::kName, tensor.name)
      .add(TensorProto::kRawData, {reinterpret_cast<const char*>(tensor.values.data()),
                                   tensor.values.size() * sizeof(float)});
}

/// Says that the value of this name is float32 [N,width].
Message value_of(std::string_view name, std::int64_t width, std::string_view explanation) {
  Message images;
  images.add(DimensionProto::kDimParam, "N");
  Message columns;
  columns.add(DimensionProto::kDimValue, width);
  Message shape;
  shape.add(TensorShapeProto::kDim, images).add(TensorShapeProto::kDim, columns);
  Message tensor;
  tensor.add(TensorTypeProto::kElemType, TensorProto::kFloat).add(TensorTypeProto::kShape, shape);
  Message type;
  type.add(TypeProto::kTensorType, tensor);
  Message value;
  return value.add(ValueInfoProto::kName, name)
      .add(ValueInfoProto::kType, type)
      .add(ValueInfoProto::kDocString, explanation);
}

Message graph_of(const MlpImpl& model) {
  Message graph;
  std::string input = "images";
  const std::size_t layers = model.layers().size();
  for (std::size_t i = 1; i < layers; ++i) {
    const std::string layer = fmt::format("fc{}", i);
    const std::string relu = fmt::format("relu{}", i);
    graph.add(GraphProto::kNode, linear_node(layer, input, layer + ".output"));
    input = relu + ".output";
    graph.add(GraphProto::kNode, node_of("Relu", relu, {layer + ".output"}, input));
  }
  graph.add(GraphProto::kNode, linear_node(fmt::format("fc{}", layers), input, "logits"))
      .add(GraphProto::kName, "mlp");
  TensorFile weights;
  add_tensors(weights, "", model, model.parameters());
  for (const FloatTensor& tensor : weights.tensors) {
    graph.add(GraphProto::kInitializer, tensor_of(tensor));
  }
  return graph
      .add(GraphProto::kInput,
           value_of("images", kPixels, "28 x 28 pixels row by row, from 0 (ground) to 1 (stroke)"))
      .add(GraphProto::kOutput,
           value_of("logits", kDigits,
                    "A score for each digit; softmax makes probabilities of them"));
}

void expect_to_fit(const MlpImpl& model) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  constexpr std::int64_t kForTheRest = std::int64_t{1} << 20;
  constexpr std::int64_t kMostParameters =
      (kMost - kForTheRest) / static_cast<std::int64_t>(sizeof(float));
  const std::int64_t parameters = count_parameters(model);
  if (parameters <= kMostParameters) return;
  fail(ExitCode::kModel,
       "expected a model of at most {} parameters, which an ONNX file can hold, found one of {}; "
       "use a smaller one",
       kMostParameters, parameters);
}

}  // namespace

std::string encode_onnx(const MlpImpl& model, const std::map<std::string, std::string>& metadata) {
  expect_to_fit(model);
  Message operator_set;
  operator_set.add(OperatorSetIdProto::kVersion, kOperators);
  Message file;
  file.add(ModelProto::kIrVersion, kIr)
      .add(ModelProto::kProducerName, "mnist-train")
      .add(ModelProto::kProducerVersion, MNIST_TRAIN_VERSION)
      .add(ModelProto::kGraph, graph_of(model))
      .add(ModelProto::kOpsetImport, operator_set);
  for (const auto& [key, value] : metadata) {
    Message entry;
    entry.add(StringStringEntryProto::kKey, key).add(StringStringEntryProto::kValue, value);
    file.add(ModelProto::kMetadataProps, entry);
  }
  return file.bytes();
}

}  // namespace mnist
