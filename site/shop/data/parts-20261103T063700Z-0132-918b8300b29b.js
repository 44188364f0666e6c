(window.fftData??={})["parts-20261103T063700Z-0132"]=JSON.parse('{"parts":[],"nodes":{}}');
