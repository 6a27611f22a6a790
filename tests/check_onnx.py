#!/usr/bin/env python3
"""Reads an ONNX file with nothing of ours, and computes with it.

    check_onnx.py MODEL IMAGES LOGITS

IMAGES and LOGITS hold float32 in little-endian order. Fails unless the checker of Python's onnx accepts the file.
Computes its nodes in NumPy, as Operators.md of the ONNX project describes them, and in ONNX Runtime if that is
installed. Prints JSON, with the differences from LOGITS as shares of the largest. The exit code is 77 without onnx.
"""

import json
import sys

import numpy as np

try:
    import onnx
    from onnx import checker, numpy_helper, shape_inference
except ImportError as error:
    print(f"{error}; install python3-onnx", file=sys.stderr)
    sys.exit(77)


def shape_of(value):
    return [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]


def gemm(a, b, c, alpha=1.0, beta=1.0, transA=0, transB=0):
    return alpha * (a.T if transA else a) @ (b.T if transB else b) + beta * c


OPERATORS = {"Gemm": gemm, "Relu": lambda x: np.maximum(x, 0)}


def compute(graph, weights, images):
    values = {**weights, graph.input[0].name: images}
    for node in graph.node:
        settings = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        values[node.output[0]] = OPERATORS[node.op_type](*(values[name] for name in node.input), **settings)
    return values[graph.output[0].name]


def compute_in_runtime(file, images):
    try:
        import onnxruntime
    except ImportError:
        return []
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return [np.concatenate([session.run(["logits"], {"images": images[start:start + batch]})[0]
                            for start in range(0, len(images), batch)])
            for batch in (1, 7, len(images))]


def main():
    file = sys.argv[1]
    images, expected = (np.fromfile(name, "<f4").reshape(-1, width) for name, width in zip(sys.argv[2:], (784, 10)))
    model = onnx.load(file)
    checker.check_model(model, full_check=True)  # of a file's name it would change the file
    graph = shape_inference.infer_shapes(model, strict_mode=True).graph
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    ends = (*graph.input, *graph.output)
    logits = [compute(graph, weights, images), *compute_in_runtime(file, images)]
    print(json.dumps({
        "ir": model.ir_version,
        "operators": {each.domain: each.version for each in model.opset_import},
        "producer": [model.producer_name, model.producer_version],
        "description": model.doc_string,
        "types": sorted({each.type.tensor_type.elem_type for each in ends}),
        "shapes": {each.name: shape_of(each) for each in ends},
        "weights": {name: list(array.shape) for name, array in weights.items()},
        "nodes": [node.op_type for node in graph.node],
        "difference": max(float(np.abs(found - expected).max() / np.abs(expected).max()) for found in logits),
    }))


main()
