(window.fftData??={})["parts-20261103T063700Z-0048"]=JSON.parse('{"parts":[],"nodes":{}}');
