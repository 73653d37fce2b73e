# SPDX-License-Identifier: Apache-2.0
# Copyright Contributors to the RMTC for TypeScript Project.
"""Renders the shot of the roto example: two performers on a fairground stage.

    blender -b --factory-startup -P render_shot.py -- --output plates [--frames 1001-1028] [--samples 40]

Needs Blender 3.4 with Cycles and `oiiotool` on the PATH. Each frame is one EXR with the beauty (R, G, B, scene-linear
Rec.709) and two mattes (heroA.A, heroB.A). The mattes are shader AOVs: every camera ray adds 1 where it meets that hero,
through the same pixel filter, motion blur and occlusion as the beauty.
"""

import argparse
import math
import os
import random
import subprocess
import sys
import tempfile

import bmesh
import bpy
from mathutils import Vector

WIDTH, HEIGHT, FPS = 640, 360, 24
FIRST, LAST = 1001, 1028
HEROES = ("heroA", "heroB")

# One palette, scene-linear Rec.709, for the heroes and the set alike: no colour belongs to a hero alone.
RED = (0.46, 0.045, 0.035)
CREAM = (0.72, 0.58, 0.38)
TEAL = (0.025, 0.22, 0.23)
MUSTARD = (0.60, 0.30, 0.035)
INK = (0.018, 0.02, 0.03)


# ---- materials ----


class Graph:
    """Builds a material's node tree from the Principled shader backwards."""

    def __init__(self, name, roughness=0.65):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.nodes = self.material.node_tree.nodes
        self.links = self.material.node_tree.links
        self.shader = self.nodes["Principled BSDF"]
        self.shader.inputs["Roughness"].default_value = roughness
        self.shader.inputs["Specular"].default_value = 0.25

    def math(self, operation, a, b=None):
        node = self.nodes.new("ShaderNodeMath")
        node.operation = operation
        for socket, value in zip(node.inputs, (a, b)):
            if isinstance(value, (int, float)):
                socket.default_value = value
            elif value is not None:
                self.links.new(value, socket)
        return node.outputs[0]

    def position(self):
        """Object-space x, y and z."""
        coordinates = self.nodes.new("ShaderNodeTexCoord")
        separate = self.nodes.new("ShaderNodeSeparateXYZ")
        self.links.new(coordinates.outputs["Object"], separate.inputs[0])
        return separate.outputs

    def arc(self):
        """Metres along the surface from pole to pole, which the hero's parts carry in their UV map."""
        coordinates = self.nodes.new("ShaderNodeTexCoord")
        separate = self.nodes.new("ShaderNodeSeparateXYZ")
        self.links.new(coordinates.outputs["UV"], separate.inputs[0])
        return separate.outputs[1]

    def mix(self, factor, low, high):
        """Paints `low` where factor is 0 and `high` where it is 1."""
        node = self.nodes.new("ShaderNodeMixRGB")
        self.links.new(factor, node.inputs[0])
        node.inputs[1].default_value = (*low, 1)
        node.inputs[2].default_value = (*high, 1)
        self.links.new(node.outputs[0], self.shader.inputs["Base Color"])

    def matte(self, hero):
        output = self.nodes.new("ShaderNodeOutputAOV")
        output.name = hero
        output.inputs["Value"].default_value = 1.0


def plain(name, colour, roughness=0.65):
    graph = Graph(name, roughness)
    graph.shader.inputs["Base Color"].default_value = (*colour, 1)
    return graph


def rings(name, low, high, period):
    """Stripes around a hero's limbs, half of each period in either colour."""
    graph = Graph(name)
    along = graph.math("DIVIDE", graph.arc(), period)
    graph.mix(graph.math("GREATER_THAN", graph.math("FRACT", along), 0.5), low, high)
    return graph


def diamonds(name, low, high, around, period):
    """Harlequin diamonds around a hero's limbs: `around` of each colour in a turn, `period` high."""
    graph = Graph(name)
    x, y, _ = graph.position()
    turn = graph.math("MULTIPLY", graph.math("ARCTAN2", y, x), around / (2 * math.pi))
    along = graph.math("DIVIDE", graph.arc(), period)
    up = graph.math("FLOOR", graph.math("ADD", turn, along))
    down = graph.math("FLOOR", graph.math("SUBTRACT", turn, along))
    graph.mix(graph.math("PINGPONG", graph.math("ADD", up, down), 1), low, high)
    return graph


def bands(name, low, high, period):
    """Broad stripes across the object's x axis."""
    graph = Graph(name)
    along = graph.math("DIVIDE", graph.position()[0], period)
    graph.mix(graph.math("GREATER_THAN", graph.math("FRACT", along), 0.5), low, high)
    return graph


def checks(name, low, high, size):
    """Square tiles in the object's x and y."""
    graph = Graph(name)
    x, y, _ = graph.position()
    total = graph.math("ADD", graph.math("FLOOR", graph.math("DIVIDE", x, size)),
                       graph.math("FLOOR", graph.math("DIVIDE", y, size)))
    graph.mix(graph.math("PINGPONG", total, 1), low, high)
    return graph


def gores(name, colours, count):
    """A beach ball: `count` plain sectors about the object's z axis."""
    graph = Graph(name, 0.4)
    x, y, _ = graph.position()
    turn = graph.math("ADD", graph.math("DIVIDE", graph.math("ARCTAN2", y, x), 2 * math.pi), 0.5)
    ramp = graph.nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.interpolation = "CONSTANT"
    elements = ramp.color_ramp.elements
    while len(elements) < count:
        elements.new(0.5)
    for index, element in enumerate(elements):
        element.position = index / count
        element.color = (*colours[index % len(colours)], 1)
    graph.links.new(turn, ramp.inputs[0])
    graph.links.new(ramp.outputs[0], graph.shader.inputs["Base Color"])
    return graph


# ---- shapes ----


def shape(name, build, material, location=(0, 0, 0), rotation=(0, 0, 0), parent=None):
    """Adds an object whose mesh `build` makes."""
    mesh = bpy.data.meshes.new(name)
    data = bmesh.new()
    build(data)
    for face in data.faces:
        face.smooth = len(data.faces) > 12
    data.to_mesh(mesh)
    data.free()
    mesh.use_auto_smooth = True
    mesh.materials.append(material.material)
    item = bpy.data.objects.new(name, mesh)
    bpy.context.collection.objects.link(item)
    item.location, item.rotation_euler, item.parent = location, rotation, parent
    return item


def joint(name, location, parent):
    item = bpy.data.objects.new(name, None)
    bpy.context.collection.objects.link(item)
    item.location, item.parent = location, parent
    return item


def box(x, y, z):
    def build(data):
        bmesh.ops.create_cube(data, size=1)
        bmesh.ops.scale(data, vec=(x, y, z), verts=data.verts)
        bmesh.ops.bevel(data, geom=data.edges[:], offset=0.02, segments=2, affect="EDGES")
    return build


def measure(data, arc_of):
    """Writes each vertex's way along the surface into v of the UV map."""
    layer = data.loops.layers.uv.new("arc")
    for face in data.faces:
        for loop in face.loops:
            loop[layer].uv = (0, arc_of[loop.vert])


def ball(radius, squash=1.0):
    def build(data):
        bmesh.ops.create_uvsphere(data, u_segments=48, v_segments=32, radius=radius)
        measure(data, {v: radius * math.asin(max(-1, min(1, v.co.z / radius))) for v in data.verts})
        bmesh.ops.scale(data, vec=(1, 1, squash), verts=data.verts)
    return build


def cone(low, high, height):
    def build(data):
        bmesh.ops.create_cone(data, cap_ends=True, segments=48, radius1=low, radius2=high, depth=height)
        measure(data, {v: v.co.z for v in data.verts})
    return build


def limb(top, bottom, length):
    """A tapered capsule that hangs from its joint at the origin."""
    def build(data):
        bmesh.ops.create_uvsphere(data, u_segments=40, v_segments=32, radius=1)
        arcs = {}
        for vertex in data.verts:
            upper = vertex.co.z > -1e-6
            radius, base = (top, 0.0) if upper else (bottom, -length)
            arcs[vertex] = base + radius * math.asin(max(-1, min(1, vertex.co.z)))
            vertex.co = vertex.co * radius + Vector((0, 0, base))
        measure(data, arcs)
    return build


# ---- the heroes ----


class Hero:
    """A rag doll of capsules on a root, with the joints that its dance turns."""

    def __init__(self, name, cloth, girth, hat):
        eye, nose = plain(f"{name} eye", INK, 0.15), plain(f"{name} nose", RED, 0.3)
        for graph in (eye, nose):
            graph.matte(name)

        def part(label, build, width, location=(0, 0, 0), parent=None):
            return shape(f"{name} {label}", build, cloth(width), location, parent=parent)

        self.root = joint(name, (0, 0, 0), None)
        self.hips = joint(f"{name} hips", (0, 0, 0.80), self.root)
        part("torso", limb(0.25 * girth, 0.32 * girth, 0.42), 0.30 * girth, (0, 0, 0.52), self.hips)
        self.head = joint(f"{name} head", (0, 0, 0.92), self.hips)
        part("skull", ball(0.29, 0.95), 0.29, (0, 0, 0.08), self.head)
        for side in (-1, 1):
            shape(f"{name} eye {side}", ball(0.055), eye, (side * 0.11, -0.262, 0.12), parent=self.head)
        shape(f"{name} nose", ball(0.065), nose, (0, -0.305, 0.03), parent=self.head)
        build, width, place = hat
        part("hat", build, width, place, self.head)
        self.limbs = {}
        for side, label in ((-1, "right"), (1, "left")):
            arm = joint(f"{name} {label} shoulder", (side * 0.27 * girth, 0, 0.52), self.hips)
            part(f"{label} arm", limb(0.125 * girth, 0.11 * girth, 0.27), 0.12 * girth, parent=arm)
            elbow = joint(f"{name} {label} elbow", (0, 0, -0.27), arm)
            part(f"{label} forearm", limb(0.11 * girth, 0.135 * girth, 0.27), 0.12 * girth, parent=elbow)
            leg = joint(f"{name} {label} hip", (side * 0.16 * girth, 0, 0.02), self.hips)
            part(f"{label} thigh", limb(0.17 * girth, 0.145 * girth, 0.36), 0.16 * girth, parent=leg)
            knee = joint(f"{name} {label} knee", (0, 0, -0.36), leg)
            part(f"{label} shin", limb(0.145 * girth, 0.14 * girth, 0.32), 0.145 * girth, parent=knee)
            part(f"{label} foot", ball(0.15, 0.75), 0.15, (0, -0.09, -0.34), knee)
            self.limbs[label] = (arm, elbow, leg, knee)

    def key(self, frame):
        joints = [self.root, self.hips, self.head]
        for items in self.limbs.values():
            joints.extend(items)
        for item in joints:
            item.keyframe_insert("location", frame=frame)
            item.keyframe_insert("rotation_euler", frame=frame)

    def stride(self, phase, swing, lift):
        """Legs of a walk or run; both arms swing against them."""
        for label, offset in (("right", 0.0), ("left", math.pi)):
            arm, elbow, leg, knee = self.limbs[label]
            turn = math.sin(phase + offset)
            leg.rotation_euler = (-swing * turn, 0, 0)
            knee.rotation_euler = (lift * max(0.0, math.cos(phase + offset)) + 0.12, 0, 0)
            arm.rotation_euler = (swing * 1.1 * turn, (0.22 if label == "right" else -0.22), 0)
            elbow.rotation_euler = (-0.45 - 0.25 * turn, 0, 0)


def stripes_of(hero):
    """The striped cloth, the same for every part."""
    stripes = rings(f"{hero} stripes", RED, CREAM, 0.082)
    stripes.matte(hero)
    return lambda width: stripes


def diamonds_of(hero):
    """The harlequin cloth: a part of radius `width` gets as many diamonds as keep them all of one size."""
    materials = {}

    def cloth(width):
        around = max(5, round(2 * math.pi * width / 0.115))
        if around not in materials:
            materials[around] = diamonds(f"{hero} diamonds {around}", TEAL, CREAM, around, 0.13)
            materials[around].matte(hero)
        return materials[around]
    return cloth


def dance_a(hero, frame):
    """Strolls from left to right, turning from profile to the camera and waving at the end."""
    t = (frame - FIRST) / (LAST - FIRST)
    phase = 2 * math.pi * (frame - FIRST) / 15
    hero.root.location = (-2.15 + 2.55 * t, -0.25 - 0.35 * math.sin(math.pi * t), 0)
    hero.root.rotation_euler = (0, 0, math.radians(62 - 75 * t * t))
    hero.stride(phase, 0.55, 0.75)
    hero.hips.location = (0, 0, 0.80 + 0.035 * abs(math.cos(phase)))
    hero.hips.rotation_euler = (-0.06, 0.05 * math.sin(phase), 0.16 * math.sin(phase))
    hero.head.rotation_euler = (0.06 * math.sin(2 * phase), 0.10 * math.sin(phase * 0.5), -0.3 + 0.35 * t)
    wave = max(0.0, min(1.0, (t - 0.35) / 0.3))
    arm, elbow, _, _ = hero.limbs["right"]
    arm.rotation_euler = (arm.rotation_euler[0] * (1 - wave), 0.22 + 1.9 * wave, 0)
    elbow.rotation_euler = (-0.45 * (1 - wave), (0.5 + 0.45 * math.sin(phase * 1.5)) * wave, 0)


def dance_b(hero, frame):
    """Runs in from the right, spins on the spot behind hero A's path and runs off again."""
    t = max(0.0, min(1.0, (frame - 1008.0) / 15.0))
    ease = math.sin(math.pi * t) ** 0.8 if 0 < t < 1 else 0.0
    phase = 2 * math.pi * (frame - FIRST) / 9
    hero.root.location = (3.75 - 3.7 * ease, 0.6 - 0.2 * ease, 0)
    spin = 1 / (1 + math.exp(-(t - 0.5) * 11))
    hero.root.rotation_euler = (0, 0, math.radians(-68 + 136 * spin))
    hero.stride(phase, 0.6, 0.9)
    hero.hips.location = (0, 0, 0.80 + 0.07 * abs(math.sin(phase)))
    hero.hips.rotation_euler = (-0.08, 0.07 * math.sin(phase), 0.12 * math.sin(phase))
    hero.head.rotation_euler = (0.08 * math.cos(2 * phase), 0.14 * math.sin(phase), 0.25 * math.sin(phase * 0.5))
    arm, elbow, _, _ = hero.limbs["left"]
    arm.rotation_euler = (-0.3, -1.3 - 0.5 * math.sin(phase), 0)
    elbow.rotation_euler = (-0.3, -0.5 + 0.3 * math.cos(phase), 0)


# ---- the set ----


def build_set():
    chance = random.Random(7)
    palette = [("red", RED), ("cream", CREAM), ("teal", TEAL), ("mustard", MUSTARD)]
    paint = {name: plain(f"paint {name}", colour) for name, colour in palette}

    floor = checks("floor tiles", CREAM, MUSTARD, 1.5)
    shape("floor", box(16, 12, 0.1), floor, (0.4, 2, -0.05))

    order = ["cream", "red", "teal", "cream", "red", "mustard", "cream", "teal", "red", "cream", "teal", "cream", "red", "mustard"]
    for index, name in enumerate(order):
        shape(f"board {index}", box(0.82, 0.12, 4.6), paint[name],
              (-5.6 + 0.85 * index, 3.2 + 0.05 * chance.uniform(-1, 1), 2.3))

    awning = bands("awning stripes", RED, CREAM, 1.1)
    shape("awning", box(12, 1.4, 0.08), awning, (0, 2.5, 3.02), (0.42, 0, 0))
    for index in range(22):
        shape(f"scallop {index}", cone(0.275, 0.275, 0.06), paint["red" if index % 2 == 0 else "cream"],
              (-5.775 + 0.55 * index, 1.84, 2.70), (math.pi / 2, 0, 0))

    for x, name in ((-3.35, "teal"), (3.15, "mustard")):
        shape(f"column {x}", cone(0.2, 0.2, 3.0), paint[name], (x, 2.0, 1.5))

    def crate(x, y, size, name, turn):
        shape(f"crate {x} {y}", box(size, size, size), paint[name], (x, y, size / 2), (0, 0, turn))

    crate(-2.55, 1.9, 0.95, "teal", 0.3)
    crate(-1.2, 2.2, 0.75, "cream", -0.2)
    crate(1.9, 2.0, 0.9, "red", 0.45)
    crate(2.75, 1.5, 0.6, "cream", 0.1)
    shape("drum", cone(0.42, 0.42, 0.7), paint["red"], (0.35, 2.1, 0.35))
    shape("drum top", cone(0.44, 0.44, 0.1), paint["cream"], (0.35, 2.1, 0.75))
    ball_cloth = gores("beach ball", [RED, CREAM, TEAL, CREAM, MUSTARD, CREAM], 6)
    shape("beach ball", ball(0.5), ball_cloth, (0.35, 2.1, 1.30), (0.5, 0.35, 0.4))
    shape("red ball", ball(0.36), paint["red"], (-3.3, 0.9, 0.36))
    shape("teal ball", ball(0.30), paint["teal"], (1.15, 1.5, 0.30))
    shape("cream ball", ball(0.42), paint["cream"], (-2.55, 1.9, 1.37))
    shape("mustard ball", ball(0.24), paint["mustard"], (2.75, 1.5, 0.84))
    shape("cone hat", cone(0.36, 0.02, 0.95), paint["teal"], (-0.35, 1.7, 0.475))
    shape("near ball", ball(0.34), paint["cream"], (2.35, -1.35, 0.34))
    shape("near drum", cone(0.36, 0.36, 0.4), paint["teal"], (-2.75, -1.3, 0.2))


def build_light():
    world = bpy.data.worlds.new("sunset")
    bpy.context.scene.world = world
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    image = nodes.new("ShaderNodeTexEnvironment")
    folder = bpy.utils.system_resource("DATAFILES", path="studiolights/world")
    image.image = bpy.data.images.load(os.path.join(folder, "sunset.exr"))
    mapping = nodes.new("ShaderNodeMapping")
    mapping.inputs["Rotation"].default_value = (0, 0, math.radians(235))
    coordinates = nodes.new("ShaderNodeTexCoord")
    links.new(coordinates.outputs["Generated"], mapping.inputs[0])
    links.new(mapping.outputs[0], image.inputs[0])
    links.new(image.outputs[0], nodes["Background"].inputs[0])
    nodes["Background"].inputs["Strength"].default_value = 0.55

    def lamp(name, kind, energy, colour, location, target):
        light = bpy.data.lights.new(name, kind)
        light.energy, light.color = energy, colour
        item = bpy.data.objects.new(name, light)
        bpy.context.collection.objects.link(item)
        item.location = location
        item.rotation_euler = (Vector(target) - item.location).to_track_quat("-Z", "Y").to_euler()
        return light

    lamp("key", "AREA", 420, (1.0, 0.86, 0.70), (-4.2, -4.5, 4.6), (0, 0.4, 0.9)).size = 1.6
    # The rims shine out of the stage, past the heroes and away from its back wall.
    for side, energy, colour in ((-1, 420, (1.0, 0.74, 0.48)), (1, 520, (0.72, 0.84, 1.0))):
        rim = lamp(f"rim {side}", "SPOT", energy, colour, (side * 4.4, 1.7, 2.5), (-side * 0.6, -0.5, 0.9))
        rim.spot_size, rim.spot_blend, rim.shadow_soft_size = math.radians(75), 0.4, 0.25


def build_camera():
    lens = bpy.data.cameras.new("camera")
    lens.lens, lens.sensor_width = 42, 36
    camera = bpy.data.objects.new("camera", lens)
    bpy.context.collection.objects.link(camera)
    camera.location = (0, -6.2, 1.45)
    camera.rotation_euler = (Vector((0, 0.3, 1.12)) - camera.location).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.camera = camera


def build_heroes():
    first = Hero("heroA", stripes_of("heroA"), 1.05, (ball(0.12), 0.12, (0, 0, 0.40)))
    second = Hero("heroB", diamonds_of("heroB"), 1.22, (cone(0.25, 0.05, 0.36), 0.17, (0, 0.02, 0.45)))
    for frame in range(FIRST - 1, LAST + 2):
        dance_a(first, frame)
        first.key(frame)
        dance_b(second, frame)
        second.key(frame)
    for action in bpy.data.actions:
        for curve in action.fcurves:
            for point in curve.keyframe_points:
                point.interpolation = "LINEAR"


# ---- rendering ----


def configure(samples):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = samples
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = False
    scene.cycles.max_bounces, scene.cycles.diffuse_bounces = 4, 2
    scene.cycles.caustics_reflective = scene.cycles.caustics_refractive = False
    scene.cycles.sample_clamp_indirect = 2
    scene.cycles.use_animated_seed = True
    scene.render.use_persistent_data = True
    scene.render.use_motion_blur = True
    scene.render.motion_blur_shutter = 0.06
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.render.resolution_percentage = 100
    scene.render.fps = FPS
    scene.render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.render.image_settings.color_depth = "32"
    scene.render.image_settings.exr_codec = "ZIP"
    layer = bpy.context.view_layer
    for hero in HEROES:
        aov = layer.aovs.add()
        aov.name, aov.type = hero, "VALUE"


def round_beauty():
    """Rounds each beauty value to seven bits of mantissa, about what a camera's 10-bit log keeps; noise below that only
    costs bytes."""
    scene = bpy.context.scene
    scene.use_nodes = True
    nodes, links = scene.node_tree.nodes, scene.node_tree.links
    nodes.clear()

    def math(operation, a, b=None):
        node = nodes.new("CompositorNodeMath")
        node.operation = operation
        for socket, value in zip(node.inputs, (a, b)):
            if isinstance(value, (int, float)):
                socket.default_value = value
            elif value is not None:
                links.new(value, socket)
        return node.outputs[0]

    split = nodes.new("CompositorNodeSepRGBA")
    join = nodes.new("CompositorNodeCombRGBA")
    links.new(nodes.new("CompositorNodeRLayers").outputs["Image"], split.inputs[0])
    for channel in range(3):
        value = math("MAXIMUM", split.outputs[channel], 2.0 ** -12)
        exponent = math("FLOOR", math("LOGARITHM", value, 2.0))
        step = math("POWER", 2.0, math("SUBTRACT", exponent, 7.0))
        rounded = math("MULTIPLY", math("ROUND", math("DIVIDE", value, step)), step)
        links.new(rounded, join.inputs[channel])
    links.new(join.outputs[0], nodes.new("CompositorNodeComposite").inputs[0])


def assemble(source, target):
    """Lays beauty and mattes into one half-float ZIP file under their own names."""
    prefix = bpy.context.view_layer.name
    mattes = ",".join(f"{hero}.A={prefix}.{hero}.X" for hero in HEROES)
    beauty = ",".join(f"{c}=Composite.Combined.{c}" for c in "RGB")
    subprocess.run([
        "oiiotool", "--nosoftwareattrib", source, "--ch", f"{beauty},{mattes}", "--clamp:min=0,0,0,0,0:max=60000,60000,60000,1,1",
        "--attrib:type=string", "colorInteropID", "lin_rec709_scene",
        "--attrib:type=rational", "FramesPerSecond", f"{FPS}/1",
        "--attrib:type=string", "Copyright", "Contributors to the RMTC for TypeScript Project, CC0-1.0",
        "--compression", "zip:9", "-d", "half", "-o", target,
    ], check=True)


def parse():
    arguments = sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else []
    parser = argparse.ArgumentParser(prog="render_shot.py")
    parser.add_argument("--output", required=True, help="folder for the plates")
    parser.add_argument("--frames", default=f"{FIRST}-{LAST}", help="first-last, or one frame")
    parser.add_argument("--samples", type=int, default=40, help="camera rays per pixel")
    return parser.parse_args(arguments)


def main():
    options = parse()
    first, _, last = options.frames.partition("-")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    build_set()
    build_light()
    build_camera()
    build_heroes()
    configure(options.samples)
    round_beauty()
    os.makedirs(options.output, exist_ok=True)
    scene = bpy.context.scene
    with tempfile.TemporaryDirectory() as folder:
        for frame in range(int(first), int(last or first) + 1):
            scene.frame_set(frame)
            scene.render.filepath = os.path.join(folder, f"{frame}.exr")
            bpy.ops.render.render(write_still=True)
            assemble(scene.render.filepath, os.path.join(options.output, f"sh010.{frame}.exr"))


main()
